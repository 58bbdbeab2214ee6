import { auth } from "./commands/auth.ts";
import { bdat } from "./commands/bdat.ts";
import { data } from "./commands/data.ts";
import { ehlo, helo, lhlo } from "./commands/ehlo.ts";
import { help } from "./commands/help.ts";
import { mail } from "./commands/mail.ts";
import { noop } from "./commands/noop.ts";
import { quit } from "./commands/quit.ts";
import { rcpt } from "./commands/rcpt.ts";
import { rset } from "./commands/rset.ts";
import { starttls } from "./commands/starttls.ts";
import { unsupported } from "./commands/unsupported.ts";
import { vrfy } from "./commands/vrfy.ts";
import { xclient } from "./commands/xclient.ts";
import type { Profile } from "./backend.ts";
import type { At, Said, StageName, Verb } from "./state.ts";

export type VerbRule = {
  readonly stages: readonly StageName[];
  readonly run: Verb;
  readonly profiles: readonly Profile[];
  /** Nothing may be sent behind it before it is answered. RFC 2920 §3.1, S-38 */
  readonly last: boolean;
  /** Costs us and brings nothing; counted (D-18). */
  readonly junk: boolean;
};

const ANY = ["connected", "greeted", "mail", "chunks"] as const;
const SMTP = ["mx", "submission"] as const;
const BOTH = ["mx", "submission", "lmtp"] as const;

/** The table of moves: who may say what when. RFC 5321 §4.1.4, RFC 2033 §4 */
export const VERBS: ReadonlyMap<string, VerbRule> = new Map([
  ["HELO", rule(ANY, helo, { profiles: SMTP, last: true, junk: true })],
  ["EHLO", rule(ANY, ehlo, { profiles: SMTP, last: true, junk: true })],
  ["LHLO", rule(ANY, lhlo, { profiles: ["lmtp"], last: true, junk: true })],
  ["STARTTLS", rule(["greeted"], starttls, { last: true })],
  ["AUTH", rule(["greeted"], auth, { profiles: SMTP, last: true })],
  ["XCLIENT", rule(["connected", "greeted"], xclient, { last: true })],
  ["MAIL", rule(["greeted"], mail, {})],
  ["RCPT", rule(["mail"], rcpt, {})],
  ["DATA", rule(["mail"], data, { last: true })],
  ["BDAT", rule(ANY, bdat, {})],
  ["RSET", rule(ANY, rset, { junk: true })],
  ["NOOP", rule(ANY, noop, { last: true, junk: true })],
  ["QUIT", rule(ANY, quit, { last: true })],
  ["VRFY", rule(ANY, vrfy, { last: true, junk: true })],
  ["HELP", rule(ANY, help, { last: true, junk: true })],
  ["EXPN", rule(ANY, unsupported, { last: true, junk: true })],
  ["ETRN", rule(ANY, unsupported, { junk: true })],
  ["TURN", rule(ANY, unsupported, { last: true, junk: true })],
]);

/** Ties a verb to the stages it may be said in; the session hands it no other. */
function rule<Name extends StageName>(
  stages: readonly Name[],
  verb: Verb<At<Name>>,
  { profiles = BOTH, last = false, junk = false }: Partial<Omit<VerbRule, "stages" | "run">>,
): VerbRule {
  return { stages, run: (said) => verb(said as Said<At<Name>>), profiles, last, junk };
}
