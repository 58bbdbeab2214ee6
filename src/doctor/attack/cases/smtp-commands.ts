/** Attacks by commands of SMTP: octets, lengths, numbers, words that some other server understands. */
import { HUNG_UP } from "../../probe.ts";
import { extensionsOf, greet } from "../../probes/open-tls.ts";
import { broken, held, lost, type Attack, type Outcome } from "../contract.ts";
import { bare, codeOf, linesAfter, linesUntil, shownReply, smtp, submission } from "../talk.ts";
import { recipientOf } from "./smtp-messages.ts";

/** Every one of these has to be refused; what is not is shown. */
async function allRefused(
  words: readonly string[],
  say: (word: string) => Promise<readonly [code: number, saw: string]>,
): Promise<Outcome> {
  const seen = new Set<string>();
  for (const word of words) {
    const [code, saw] = await say(word);
    if (code === 0) return lost(`${word}: ${saw}`);
    if (code < 400) return broken(`${word}: ${saw}`);
    seen.add(saw);
  }
  return held([...seen].join(" | "));
}

const commandOctets: Attack = {
  check: "command-octets",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: async (at) => {
    // A connection each: what ends a line is the question.
    const lines = ["NOOP\n", "NOOP \0\r\n", "NOOP \u001b[2J\r\n", "RSET\rNOOP\r\n"];
    return await allRefused(lines, async (line) => {
      let code = 0;
      const outcome = await smtp(at, async (visit) => {
        const { lines: answers } = await linesUntil(visit, line, /\d\d\d /);
        const [answer = ""] = answers;
        code = Number(answer.slice(0, 3));
        return held(answer);
      });
      return [code, outcome.saw];
    });
  },
};

const commandLength: Attack = {
  check: "command-length",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      const long = await visit.say(`NOOP ${"x".repeat(5_000)}`);
      if (codeOf(long) < 500) return codeOf(long) === 0 ? lost(shownReply(long)) : broken(shownReply(long));
      const endless = await visit.say("x".repeat(300_000));
      return codeOf(endless) < 500 && codeOf(endless) !== 0
        ? broken(shownReply(endless))
        : held(`${shownReply(long)} | ${shownReply(endless)}`);
    }),
};

const parameters: Attack = {
  check: "parameter-injection",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, (visit) =>
      allRefused(
        [
          "MAIL FROM:<> ENVID=a+0D+0ARCPT",
          "MAIL FROM:<> AUTH=a+0D+0A",
          "MAIL FROM:<> SIZE=-1",
          "MAIL FROM:<> RET=FULL RET=HDRS",
          'MAIL FROM:<"a\\\u0001"@example.org>',
          "MAIL FROM:<a@example.org>X-Evil=1",
          "MAIL FROM:<a@example.org\u00a0evil>",
        ],
        async (line) => {
          const answer = await visit.say(line);
          return [codeOf(answer), shownReply(answer)];
        },
      ),
    ),
};

/** Words that were holes elsewhere: none of them is ours. */
const FOREIGN = [
  "ETRN #'); DROP TABLE tbl; --",
  "ETRN example.org",
  "TURN",
  "XFORWARD ADDR=192.0.2.1",
  "DEBUG",
  "WIZ",
  "BURL imap://localhost/",
  "AUTH EXTERNAL =",
  "SOML FROM:<a@example.org>",
];

const utf8Address: Attack = {
  check: "utf8-address",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, (visit) => {
      // The octets of UTF-8 for a u with two dots, as `say` writes them.
      const evil = `m\u00fcller@${at.domain}`;
      return allRefused(
        [`MAIL FROM:<${evil}>`, `RCPT TO:<${recipientOf(at)}>`, `RCPT TO:<${evil}>`, "DATA", "BDAT 0 LAST"],
        async (line) => {
          const answer = await visit.say(line);
          return [codeOf(answer), shownReply(answer)];
        },
      );
    }),
};

const foreignCommands: Attack = {
  check: "foreign-commands",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    bare(at, async (visit) => {
      const greeted = await greet(visit, at.net);
      if (!greeted.ok) return lost(greeted.error);
      const isProxy = extensionsOf(greeted.value.ehlo).some((line) => line.startsWith("XCLIENT"));
      // Where this machine is a proxy by configuration, it may say so.
      const words = isProxy ? FOREIGN : ["XCLIENT ADDR=192.0.2.1 NAME=localhost", ...FOREIGN];
      return await allRefused(words, async (word) => {
        const answer = await visit.say(word);
        return [codeOf(answer), shownReply(answer)];
      });
    }),
};

const proxyHeader: Attack = {
  check: "proxy-header",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    bare(at, async (visit) => {
      const { lines, closed } = await linesAfter(visit, "PROXY TCP4 192.0.2.1 192.0.2.2 40000 25\r\n", 4_000);
      const refused = lines.find((line) => /^[45]\d\d[ -]/.test(line));
      if (refused !== undefined) return held(refused);
      // Who hangs up without a word may do so whatever is said; who took the header greets.
      if (closed || lines.length === 0) return lost(closed ? "it hung up" : "no answer");
      return broken(`taken in silence: ${lines.join(" | ")}`);
    }),
};

const lookups: Attack = {
  check: "lookup-injection",
  doors: ["smtp"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      await visit.say("MAIL FROM:<>");
      const nobody = await visit.say(`RCPT TO:<no-such-person-${at.token}@${at.domain}>`);
      if (codeOf(nobody) < 400) return lost(`everybody exists here: ${shownReply(nobody)}`);
      const names = [
        "${run{/bin/id}}",
        "root+${run{/bin/id}}",
        "*",
        "'/**/OR/**/'1'='1",
        "`id`",
        "|/bin/id",
        "/etc/passwd",
        "../../../etc/passwd",
        "__proto__",
        "constructor",
      ];
      let answered = 0;
      return await allRefused(names, async (name) => {
        const answer = await visit.say(`RCPT TO:<${name}@${at.domain}>`);
        if (answer.ok) return [(answered++, codeOf(answer)), shownReply(answer)];
        // Too many errors slow down and end the visit; that is an answer, too.
        return [answered === 0 ? 0 : 421, answer.error];
      });
    }),
};

/** One more than the server takes, and some. */
const RECIPIENTS = 1_010;

const manyRecipients: Attack = {
  check: "recipient-flood",
  doors: ["smtp"],
  weight: "heavy",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      await visit.say("MAIL FROM:<>");
      const flood = `RCPT TO:<${recipientOf(at)}>\r\n`.repeat(RECIPIENTS);
      let replies = 0;
      const { input } = await visit.exchange(Buffer.from(flood, "latin1"), (so) => {
        replies = so.toString("latin1").split("\n").length - 1;
        return replies >= RECIPIENTS;
      });
      const lines = input.toString("latin1").split("\r\n");
      const taken = lines.filter((line) => line.startsWith("250")).length;
      const refusal = lines.find((line) => /^[45]/.test(line));
      if (refusal !== undefined && taken > 0) return held(`${taken} taken, then ${refusal}`);
      return taken >= RECIPIENTS
        ? broken(`${taken} recipients of one message`)
        : lost(refusal ?? "no answer");
    }),
};

/** Twice what an honest program gets wrong in its life. */
const ERRORS = 40;

const errorFlood: Attack = {
  check: "error-flood",
  doors: ["smtp"],
  weight: "slow",
  needs: "nothing",
  run: (at) =>
    smtp(at, async (visit) => {
      for (let errors = 1; errors <= ERRORS; errors++) {
        const answer = await visit.say("MISTAKE");
        if (!answer.ok)
          return answer.error === HUNG_UP && errors > 1
            ? held(`it hung up after ${errors - 1} errors`)
            : lost(answer.error);
        if (codeOf(answer) === 421) return held(`${shownReply(answer)}, after ${errors} errors`);
      }
      return broken(`${ERRORS} errors in one session`);
    }),
};

const enumeration: Attack = {
  check: "submission-enumeration",
  doors: ["submissions", "submission"],
  weight: "light",
  needs: "nothing",
  run: (at) =>
    submission(at, async (visit) => {
      const seen: string[] = [];
      for (const verb of ["VRFY", "EXPN", "MAIL", "RCPT"]) {
        const answers: string[] = [];
        for (const address of [recipientOf(at), `no-such-person-${at.token}@${at.domain}`]) {
          const argument =
            verb === "MAIL" ? `FROM:<${address}>` : verb === "RCPT" ? `TO:<${address}>` : address;
          const answer = await visit.say(`${verb} ${argument}`);
          if (!answer.ok) return lost(answer.error);
          answers.push(shownReply(answer).replaceAll(address, "ADDRESS"));
        }
        const [known = "", unknown = ""] = answers;
        if (known !== unknown) return broken(`${verb}: ${known} | ${unknown}`);
        seen.push(known);
      }
      return held([...new Set(seen)].join(" | "));
    }),
};

export const COMMAND_ATTACKS: readonly Attack[] = [
  commandOctets,
  commandLength,
  parameters,
  utf8Address,
  foreignCommands,
  proxyHeader,
  lookups,
  manyRecipients,
  enumeration,
  errorFlood,
];
