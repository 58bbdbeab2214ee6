import { systemClock } from "../base/clock.ts";
import type { CheckId } from "../doctor/checks.ts";
import { checkOf } from "../doctor/checks.ts";
import { attackOurselves } from "../doctor/net-attack.ts";
import { evidenceText } from "../doctor/words/told.ts";
import type { Language } from "../journal/words/language.ts";
import { bad, good, type Looked } from "./looked.ts";
import type { Trial } from "./trial-server.ts";

/** What settings can open: the program under trial is the one that runs, and attacks itself every day. */
const ATTACKS: readonly CheckId[] = [
  "smuggling",
  "relay-forms",
  "unknown-recipient",
  "size-limit",
  "auth-before-tls",
  "starttls-injection",
  "tls-1-0",
  "tls-1-1",
  "bdat-size",
  "mail-loop",
  "command-octets",
  "parameter-injection",
  "submission-enumeration",
  "forged-results",
  "forged-header",
  "forged-envelope",
  "login-in-clear",
  "sasl-authorization",
];

/** A short attack on the server under trial. */
export async function attackTrial({ config }: Trial, language: Language): Promise<readonly Looked[]> {
  const report = await attackOurselves(config, systemClock, { light: true, only: ATTACKS });
  const found = report?.findings ?? [];
  const broken = found.filter(({ grade }) => grade === "fail");
  if (broken.length > 0)
    return broken.map(({ check, subject, evidence }) =>
      bad("attack", evidenceText(evidence, language), "attack-broken", {
        title: checkOf(check).title[language],
        place: subject,
      }),
    );
  const held = found.filter(({ grade }) => grade === "ok").length;
  const seconds = ((report?.spent.duration_ms ?? 0) / 1000).toFixed(0);
  return [good("attack", `${held}/${found.length}, ${seconds} s`)];
}
