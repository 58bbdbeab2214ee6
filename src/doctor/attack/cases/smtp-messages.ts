/** Attacks inside a message: what ends it, what may stand in it, what becomes of the octets of one that is refused. */
import type { Visit } from "../../probe.ts";
import { broken, held, lost, type At, type Attack, type Outcome } from "../contract.ts";
import { codeOf, linesAfter, linesUntil, shownReply, smtp, toData, toRcpt } from "../talk.ts";

/** Who gets what a broken server takes. */
export const recipientOf = ({ target, domain }: At): string =>
  target.account?.login ?? `postmaster@${domain}`;

const subject = ({ token }: At): string => `Subject: Wachpost attacks itself ${token}\r\n`;
const isReply = (line: string): boolean => /^[2-5][0-9][0-9](?: |$)/.test(line);

/** Replies that came where two are right: one for the message, one for the NOOP behind it. */
function twoReplies(lines: readonly string[]): Outcome {
  const replies = lines.filter(isReply);
  const saw = replies.map((line) => line.slice(0, 40)).join(" | ");
  const [message = "", noop = "250"] = replies;
  if (!/^[45]/.test(message)) return lost(saw);
  // One that hangs up after its refusal reads nothing more.
  return replies.length > 2 || !noop.startsWith("250") ? broken(saw) : held(saw);
}

const dataRefused: Attack = {
  check: "refused-message-end",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const problem = await toData(visit, "", recipientOf(at));
      if (problem !== undefined) return lost(problem);
      const hidden = `NOOP\r\nMAIL FROM:<smuggled@${at.domain}>\r\nRCPT TO:<${recipientOf(at)}>\r\n`;
      const { lines } = await linesAfter(visit, `${subject(at)}\r\n\0\r\n${hidden.repeat(3)}.\r\nNOOP\r\n`);
      return twoReplies(lines);
    }),
};

const bdatRefused: Attack = {
  check: "bdat-smuggling",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const sender = await visit.say("MAIL FROM:<>");
      if (codeOf(sender) !== 250) return lost(shownReply(sender));
      const hidden = `RCPT TO:<${recipientOf(at)}>\r\nNOOP\r\n.\r\nNOOP\r\n`;
      const { lines } = await linesAfter(visit, `BDAT ${hidden.length}\r\n${hidden}NOOP\r\n`);
      return twoReplies(lines);
    }),
};

const STRAY: readonly (readonly [name: string, octets: string])[] = [
  ["a bare LF", "one\ntwo\r\n"],
  ["a bare CR", "one\rtwo\r\n"],
  ["a NUL", "one\0two\r\n"],
];

const strayOctets: Attack = {
  check: "stray-octets",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const seen: string[] = [];
      for (const [name, octets] of STRAY) {
        const data = await byData(visit, at, `${subject(at)}\r\n${octets}`);
        const bdat = await byBdat(visit, at, `${subject(at)}\r\n${octets}`);
        for (const [way, answer] of [["DATA", data] as const, ["BDAT", bdat] as const]) {
          if (answer.startsWith("2")) return broken(`${name} by ${way}: ${answer}`);
          if (!answer.startsWith("5")) return lost(`${name} by ${way}: ${answer}`);
          seen.push(answer);
        }
      }
      return held([...new Set(seen)].join(" | "));
    }),
};

/** A message that must not be taken. */
function refusal(answer: string): Outcome {
  if (answer.startsWith("2")) return broken(answer);
  return answer.startsWith("5") ? held(answer) : lost(answer);
}

/** The answer to a message, as one line. */
async function byData(visit: Visit, at: At, text: string): Promise<string> {
  const problem = await toData(visit, "", recipientOf(at));
  return problem ?? shownReply(await visit.say(`${text}.`));
}

async function byBdat(visit: Visit, at: At, text: string): Promise<string> {
  const problem = await toRcpt(visit, "", recipientOf(at));
  if (problem !== undefined) return problem;
  visit.write(`BDAT ${text.length} LAST`);
  // The line end of `write` would belong to the chunk: it is the end of the text.
  visit.write(text.slice(0, -2));
  return shownReply(await visit.reply());
}

const longLine: Attack = {
  check: "message-line-length",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const answer = await byData(visit, at, `${subject(at)}\r\n${"x".repeat(80_000)}\r\n`);
      return refusal(answer);
    }),
};

const bdatHuge: Attack = {
  check: "bdat-size",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const problem = await toRcpt(visit, "", recipientOf(at));
      if (problem !== undefined) return lost(problem);
      const { lines, closed } = await linesAfter(visit, "BDAT 999999999999999 LAST\r\n");
      const saw = lines.join(" | ");
      if (lines.some((line) => line.startsWith("5")) && closed) return held(`${saw}, then it hung up`);
      return broken(saw === "" ? "it waits for a thousand terabytes" : saw);
    }),
};

/** Chunks of one octet, more than any honest message has. */
const TINY_CHUNKS = 10_200;

const bdatTiny: Attack = {
  check: "bdat-chunks",
  doors: ["smtp"],
  weight: "heavy",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const problem = await toRcpt(visit, "", recipientOf(at));
      if (problem !== undefined) return lost(problem);
      const { lines } = await linesUntil(visit, "BDAT 1\r\nx".repeat(TINY_CHUNKS), /(?:^|\n)(?:4|5)\d\d /);
      const taken = lines.filter((line) => line.startsWith("250")).length;
      const last = lines.at(-1) ?? "";
      if (/^[45]/.test(last)) return held(`${taken} chunks, then ${last}`);
      return taken >= TINY_CHUNKS ? broken(`${taken} chunks of one octet`) : lost(last);
    }),
};

const bdatReset: Attack = {
  check: "bdat-reset",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const problem = await toRcpt(visit, "", recipientOf(at));
      if (problem !== undefined) return lost(problem);
      visit.write("BDAT 5");
      visit.write("a\nb");
      const refused = await visit.reply();
      if (codeOf(refused) < 500) return lost(shownReply(refused));
      const data = await visit.say("DATA");
      if (codeOf(data) === 0) return lost(shownReply(data));
      return codeOf(data) === 354 ? broken(shownReply(data)) : held(shownReply(data));
    }),
};

/** More hops than any mail has: refused when all of it has come. */
const roundAndRound = (at: At): string => {
  const hops = Array.from({ length: 200 }, (_, i) => `Received: from hop${i}.example by hop.example\r\n`);
  return `${hops.join("")}${subject(at)}\r\nround and round\r\n`;
};

const refusedState: Attack = {
  check: "refused-message-state",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const refused = await byData(visit, at, roundAndRound(at));
      if (!refused.startsWith("5")) return lost(refused);
      const answers = [await visit.say(`RCPT TO:<${recipientOf(at)}>`), await visit.say("DATA")];
      const taken = answers.find((answer) => codeOf(answer) < 400 && codeOf(answer) > 0);
      const saw = answers.map(shownReply).join(" | ");
      if (taken !== undefined) return broken(saw);
      return answers.every((answer) => codeOf(answer) === 0) ? lost(saw) : held(saw);
    }),
};

const mailLoop: Attack = {
  check: "mail-loop",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const answer = await byData(visit, at, roundAndRound(at));
      return refusal(answer);
    }),
};

export const MESSAGE_ATTACKS: readonly Attack[] = [
  dataRefused,
  bdatRefused,
  strayOctets,
  longLine,
  bdatHuge,
  bdatTiny,
  bdatReset,
  refusedState,
  mailLoop,
];
