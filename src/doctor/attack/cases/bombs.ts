/**
 * Messages that explode in whoever reads them: delivered through port 25 to the attack's own mailbox, looked at by IMAP,
 * and taken away.
 */
import type { AttackTarget, Attack, LoggedIn, Outcome } from "../contract.ts";
import { broken, held, lost } from "../contract.ts";
import type { HostTarget } from "../../probe.ts";
import { codeOf, Imap, imapLoggedIn, linesUntil, shownReply, smtp, submitting, toData } from "../talk.ts";

type Bomb = {
  readonly check: Attack["check"];
  /** Header fields beside Subject and Message-ID, then an empty line, then the body; CRLF throughout. */
  readonly text: (at: LoggedIn) => string;
  /** Asked of the one message; `$` stands for its number. */
  readonly ask: readonly string[];
  /** The answer as one text: how large something became, and what is too much. */
  readonly judge: (answer: string, at: LoggedIn) => Outcome;
};

const imapDoor = (target: AttackTarget): HostTarget | undefined =>
  target.hosts.find(({ service }) => service === "imaps") ??
  target.hosts.find(({ service }) => service === "imap");

async function explode(at: LoggedIn, bomb: Bomb): Promise<Outcome> {
  const reader = imapDoor(at.target);
  if (reader === undefined) return lost("IMAP is not served");
  const id = `${bomb.check}-${at.token}@attack.invalid`;
  const sent = await deliver(at, `Message-ID: <${id}>\r\nSubject: ${at.token}\r\n${bomb.text(at)}\r\n.`);
  // Not to take it is the best answer.
  if (sent.kind !== "broken") return sent;
  const place = { ...at, host: reader };
  return await imapLoggedIn(place, async (session) => {
    const outcome = await look(session, id, bomb, at);
    return (await takeAway(session, id)) ? outcome : lost("the message could not be taken away again");
  });
}

/** `broken` here only says that the message was taken. */
async function deliver(at: LoggedIn, text: string): Promise<Outcome> {
  const say = async (visit: Parameters<Parameters<typeof smtp>[1]>[0]): Promise<Outcome> => {
    const problem = await toData(visit, "", at.account.login);
    if (problem !== undefined) return lost(problem);
    const answer = await visit.say(text);
    const saw = shownReply(answer);
    if (codeOf(answer) >= 500) return held(saw);
    return codeOf(answer) === 250 ? broken(saw) : lost(saw);
  };
  return at.host.service === "smtp" ? smtp(at, say) : submitting(at, say);
}

/** Where the rules of the server may have put it. */
const FOLDERS = ["INBOX", "Junk"];

async function find(session: Imap, id: string): Promise<number | undefined> {
  for (const folder of FOLDERS) {
    const opened = await session.do(`SELECT ${folder}`);
    if (opened.status !== "OK") continue;
    const { lines } = await session.do(`SEARCH HEADER Message-ID "<${id}>"`);
    const found = /^\* SEARCH ([0-9]+)/m.exec(lines.join("\n"));
    if (found !== null) return Number(found[1]);
  }
  return undefined;
}

async function look(session: Imap, id: string, bomb: Bomb, at: LoggedIn): Promise<Outcome> {
  const number = await find(session, id);
  if (number === undefined) return lost("the message was taken and is not in the mailbox");
  let answer = "";
  for (const question of bomb.ask) {
    const tag = session.nextTag();
    const asked = `${tag} ${question.replace("$", String(number))}\r\n`;
    const { lines, found } = await linesUntil(
      session.visit,
      asked,
      new RegExp(`(?:^|\\n)${tag} (?:OK|NO|BAD)`),
    );
    if (!found) return broken(`no answer to ${question.slice(0, 40)}`);
    answer = lines.join("\n");
    // `exchange` leaves what it has read: it is read away here.
    await session.answer(tag);
  }
  return bomb.judge(answer, at);
}

async function takeAway(session: Imap, id: string): Promise<boolean> {
  for (let tries = 0; tries < FOLDERS.length; tries++) {
    const number = await find(session, id);
    if (number === undefined) return true;
    await session.do(`STORE ${number} +FLAGS (\\Deleted)`);
    await session.do("EXPUNGE");
  }
  return (await find(session, id)) === undefined;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const within = (name: string, value: number, most: number): Outcome =>
  value > most ? broken(`${name}: ${value}`) : held(`${name}: ${value}`);

/** Brackets inside each other. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const char of text) {
    if (char === "(") deepest = Math.max(deepest, ++depth);
    else if (char === ")") depth--;
  }
  return deepest;
}

function nested(depth: number): string {
  const heads = Array.from(
    { length: depth },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  return `${heads.join("")}Content-Type: text/plain\r\n\r\nthe end`;
}

const letters = (depth: number): string =>
  `${"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n".repeat(depth)}\r\nthe end`;

const parts = (number: number): string =>
  `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(number)}--b--`;

const addresses = (number: number): string => `${"To: <a@example.org>\r\n".repeat(number)}\r\nhello`;

/** Ten to a line, so that it is the parameters that are too many and not the lines. */
function pieces(number: number): string {
  const all = Array.from({ length: number }, (_, i) => `; name*${i}=x${i % 10 === 9 ? "\r\n" : ""}`);
  return `Content-Type: text/plain${all.join("").replace(/\r\n/g, "\r\n ")}\r\n\r\nhello`;
}

const BOMBS: readonly Bomb[] = [
  {
    check: "mime-depth",
    text: () => nested(3_000),
    ask: ["FETCH $ BODYSTRUCTURE"],
    judge: (answer) => within("brackets inside each other", depthOf(answer), 300),
  },
  {
    check: "mime-letters",
    text: () => letters(2_000),
    ask: ["FETCH $ BODYSTRUCTURE"],
    judge: (answer) => within("messages inside each other", count(answer, /"inside"/g), 150),
  },
  {
    check: "mime-parts",
    text: () => parts(20_000),
    ask: ["FETCH $ BODYSTRUCTURE"],
    judge: (answer) => within("parts", count(answer, /"text" "plain"/gi), 5_000),
  },
  {
    check: "mime-parameters",
    text: () => pieces(5_003),
    ask: ["FETCH $ BODYSTRUCTURE"],
    judge: (answer) =>
      within(
        "letters of the name",
        Math.max(0, ...(answer.match(/x+/g) ?? []).map((one) => one.length)),
        500,
      ),
  },
  {
    check: "header-fields",
    text: () => addresses(40_000),
    ask: ["FETCH $ ENVELOPE"],
    judge: (answer) => within("addresses shown", count(answer, /"example\.org"/g), 5_000),
  },
  {
    check: "header-size",
    text: () => `X-Long: ${`${"x".repeat(900)}\r\n `.repeat(3_500)}end\r\n\r\nhello`,
    ask: ["FETCH $ RFC822.SIZE"],
    judge: () => broken("a header of 3 MB was taken"),
  },
  {
    check: "header-prototype",
    text: () =>
      `__proto__: evil\r\nconstructor: evil\r\nprototype: evil\r\nContent-Type: text/plain; __proto__=evil; constructor=evil\r\n\r\nhello`,
    ask: ["FETCH $ (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (__proto__ constructor)])"],
    judge: (answer) =>
      /__proto__: evil/i.test(answer) && /\bOK\b/.test(answer)
        ? held("stored and shown as sent")
        : broken(answer.slice(0, 120)),
  },
  {
    check: "html-bomb",
    text: () =>
      `Content-Type: text/html\r\n\r\n${`${"<div>".repeat(100)}\r\n`.repeat(600)}${`<a ${"&amp;".repeat(50)}\r\n`.repeat(300)}`,
    ask: ['SEARCH BODY "no such word is in it"'],
    judge: (answer) => (/^\* SEARCH/m.test(answer) ? held("searched") : broken(answer.slice(0, 120))),
  },
];

export const BOMB_ATTACKS: readonly Attack[] = BOMBS.map((bomb) => ({
  check: bomb.check,
  doors: ["smtp", "submissions", "submission"],
  once: true,
  weight: "heavy",
  needs: "account",
  run: (at: LoggedIn) => explode(at, bomb),
}));

const forgedResults: Attack = {
  check: "forged-results",
  doors: ["smtp", "submissions", "submission"],
  weight: "light",
  needs: "account",
  run: (at) =>
    explode(at, {
      check: "forged-results",
      text: () =>
        [
          `From: <${at.account.login}>`,
          `Authentication-Results: ${at.host.name}; dkim=pass header.d=${at.token}.example`,
          `Authentication-Results: ${at.host.name.toUpperCase()} 1; spf=pass smtp.mailfrom=${at.token}.example`,
          "",
          "I am proven",
        ].join("\r\n"),
      ask: ["FETCH $ BODY.PEEK[HEADER.FIELDS (Authentication-Results)]"],
      judge: (answer) => {
        const forged = answer.split("\n").find((line) => line.includes(`${at.token}.example`));
        return forged === undefined ? held("removed") : broken(forged);
      },
    }),
};

/** From fields a login must not send: none of its own addresses, or one that some reader takes for another. */
const forgeries = ({ domain, account: { login }, token }: LoggedIn): readonly string[] => [
  `From: <postmaster@example.net>\r\n`,
  `From: "The boss" <boss-${token}@${domain}>\r\n`,
  `From: <${login}>\r\nFrom: <boss-${token}@${domain}>\r\n`,
  `From: <boss-${token}@${domain}>, <${login}>\r\n`,
  `From: boss-${token}@${domain} <${login}>, <boss-${token}@${domain}>\r\n`,
  `From: <${login}>\r\nFrom: "The boss" <${login}>\r\n`,
  `From: <${login}>\r\nSender: <boss-${token}@${domain}>\r\n`,
];

const forgedHeader: Attack = {
  check: "forged-header",
  doors: ["submissions", "submission"],
  weight: "light",
  needs: "account",
  run: async (at) => {
    const seen = new Set<string>();
    for (const from of forgeries(at)) {
      const outcome = await submitting(at, async (visit) => {
        const problem = await toData(visit, at.account.login, at.account.login);
        if (problem !== undefined) return lost(problem);
        const answer = await visit.say(`Subject: ${at.token}\r\n${from}\r\nforged\r\n.`);
        if (codeOf(answer) === 250) return broken(from.trim().replace(/\r\n/g, " | "));
        return codeOf(answer) >= 500 ? held(shownReply(answer)) : lost(shownReply(answer));
      });
      if (outcome.kind !== "held") return outcome;
      seen.add(outcome.saw.replaceAll(at.token, "…"));
    }
    return held([...seen].join(" | "));
  },
};

const forgedEnvelope: Attack = {
  check: "forged-envelope",
  doors: ["submissions", "submission"],
  weight: "light",
  needs: "account",
  run: (at) =>
    submitting(at, async (visit) => {
      const seen = new Set<string>();
      for (const address of [
        `boss-${at.token}@${at.domain}`,
        "postmaster@example.net",
        `"${at.account.login}"@example.net`,
      ]) {
        const answer = await visit.say(`MAIL FROM:<${address}>`);
        if (codeOf(answer) === 250) return broken(`${address}: ${shownReply(answer)}`);
        if (codeOf(answer) < 500) return lost(shownReply(answer));
        seen.add(shownReply(answer).replaceAll(at.token, "…"));
      }
      return held([...seen].join(" | "));
    }),
};

export const SENDER_ATTACKS: readonly Attack[] = [forgedEnvelope, forgedHeader, forgedResults];
