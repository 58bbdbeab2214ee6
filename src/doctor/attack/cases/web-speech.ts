/** A browser that was made to speak to a mail server (ALPACA): nothing it says may be taken for mail. */
import { broken, held, lost, type At, type Attack, type Outcome } from "../contract.ts";
import { linesAfter, open } from "../talk.ts";

/** The command behind the request, and what its answer would be. */
const BEHIND: Readonly<Record<string, readonly [command: string, answered: RegExp]>> = {
  smtp: ["EHLO example.org", /^250/],
  submissions: ["EHLO example.org", /^250/],
  imap: ["k9 NOOP", /^k9 OK/],
  imaps: ["k9 NOOP", /^k9 OK/],
  pop3: ["CAPA", /^\+OK [^P]*$/],
  pop3s: ["CAPA", /^\.$/],
};

async function speak(at: At): Promise<Outcome> {
  const [command = "", answered = /^$/] = BEHIND[at.host.service] ?? [];
  return await open(at, async (visit) => {
    const { lines, closed } = await linesAfter(
      visit,
      `POST / HTTP/1.1\r\nHost: example.org\r\n\r\n${command}\r\n`,
      5_000,
    );
    const obeyed = lines.find((line) => answered.test(line));
    if (obeyed !== undefined) return broken(obeyed);
    const last = lines.at(-1);
    return closed && last !== undefined ? held(`${last}, then it hung up`) : lost(last ?? "no answer");
  });
}

export const WEB_SPEECH: Attack = {
  check: "web-speech",
  doors: ["smtp", "submissions", "imaps", "imap", "pop3s", "pop3"],
  weight: "light",
  needs: "nothing",
  run: speak,
};
