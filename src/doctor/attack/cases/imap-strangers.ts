/** Attacks on IMAP by somebody who has not logged in. */
import { broken, held, lost, type Attack } from "../contract.ts";
import { imap, linesAfter, linesUntil } from "../talk.ts";

const IMAP_DOORS = ["imaps", "imap"] as const;

const literal: Attack = {
  check: "imap-stranger-literal",
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "nothing",
  run: async (at) => {
    const seen = new Set<string>();
    for (const size of ["100000", "4294967296", "9999999999999999999", "99999999+"]) {
      const outcome = await imap(at, async (session) => {
        const { lines, closed } = await linesUntil(session.visit, `k1 LOGIN {${size}}\r\n`, /\r\n/);
        const [answer = ""] = lines;
        if (answer.startsWith("+")) return broken(`{${size}}: ${answer}`);
        if (/^(?:\S+ (?:BAD|NO)|\* BYE)/.test(answer)) return held(answer);
        return closed ? held("it hung up") : broken(`{${size}}: it waits for the literal`);
      });
      if (outcome.kind !== "held") return outcome;
      seen.add(outcome.saw);
    }
    return held([...seen].join(" | "));
  },
};

const line: Attack = {
  check: "imap-stranger-line",
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "nothing",
  run: (at) =>
    imap(at, async (session) => {
      const { lines, closed } = await linesAfter(
        session.visit,
        `k1 LOGIN ${"x".repeat(40_000)} y\r\nk2 NOOP\r\n`,
        8_000,
      );
      const [answer = ""] = lines;
      if (answer.startsWith("* BYE")) return held(answer);
      if (closed) return held("it hung up");
      return broken(`it read 40,000 octets of one line: ${answer}`);
    }),
};

const parentheses: Attack = {
  check: "imap-parentheses",
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "nothing",
  run: (at) =>
    imap(at, async (session) => {
      const nested = await session.do(`NOOP ${"(".repeat(4_000)}${")".repeat(4_000)}`);
      if (nested.status === "OK") return broken(nested.text);
      const open = await session.do(`LOGIN ${"(".repeat(8_000)}`);
      if (open.status === "OK") return broken(open.text);
      const after = await session.do("NOOP");
      return after.status === "OK" ? held(`${nested.text} | ${after.text}`) : lost(after.text);
    }),
};

const GARBAGE = 80;

const garbage: Attack = {
  check: "imap-garbage",
  doors: IMAP_DOORS,
  once: true,
  weight: "light",
  needs: "nothing",
  run: (at) =>
    imap(at, async (session) => {
      for (let count = 1; count <= GARBAGE; count++) {
        const answer = await session.do("MISTAKE");
        if (answer.status === "gone") return held(`${answer.text}, after ${count} commands`);
        if (answer.status === "mute") return lost(answer.text);
      }
      return broken(`${GARBAGE} malformed commands in one session`);
    }),
};

export const STRANGER_ATTACKS: readonly Attack[] = [literal, line, parentheses, garbage];
