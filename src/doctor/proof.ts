import { createHash } from "node:crypto";
import { confirmName, uniqueNames } from "../authentication/iprev.ts";
import { Budget, timedDns } from "../authentication/timed-dns.ts";
import { isAtOrBelow, type Domain } from "../base/domain-name.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import { reverseName } from "../dns/reverse.ts";
import { saidOnce, unknown, type Finding, type Values } from "./finding.ts";
import type { CheckId } from "./checks.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import type { HostTarget, Net } from "./probe.ts";
import { below, reasonOf, recordsOf } from "./probes/answers.ts";
import { placeOf } from "./probes/open-tls.ts";
import type { NoteId } from "./words/notes.ts";

declare const proofBrand: unique symbol;
/** The caller can write into the zone of the domain: only `proofOf` says so. Of a server it says nothing yet: `serverProblem`. */
export type Proof = { readonly domain: Domain; readonly token: string; readonly [proofBrand]: true };

/** Why something is not proven and what to do, from the catalogue. */
export type Unproven = { readonly note: NoteId; readonly values: Values };

const LABEL = "_wachpost-doctor";
export const recordOf = (name: string): string => `${LABEL}.${name}`;

/** What stands in the DNS. Everybody can read it; the token itself is known to nobody but who made it. */
export const printOf = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Who writes `_wachpost-doctor.DOMAIN TXT`, the SHA-256 of the token, is the owner of the domain. */
export async function proofOf(
  token: string,
  domain: Domain | undefined,
  dns: Dns,
): Promise<Result<Proof, Unproven>> {
  if (domain === undefined) return err(unproven("token-alone", {}));
  if (token.length < DOCTOR_LIMITS.tokenCharsMin)
    return err(unproven("token-short", { count: String(DOCTOR_LIMITS.tokenCharsMin) }));
  const problem = await recordProblem(token, domain, dns);
  return problem === undefined ? ok({ domain, token } as Proof) : err(problem);
}

/**
 * Whether the record stands at the name itself. An alias does not count: one for all names of a zone may lead to where
 * others write.
 */
async function recordProblem(token: string, owner: Domain, dns: Dns): Promise<Unproven | undefined> {
  const name = below(LABEL, owner);
  if (name === undefined) return unproven("token-name", { name: owner });
  const [alias, texts] = [await dns.query(name, "CNAME"), await dns.query(name, "TXT")];
  const failed = [alias, texts].find(({ kind }) => kind === "failure");
  if (failed !== undefined) return unproven("token-doubtful", { name, reason: reasonOf(failed) });
  const [target] = recordsOf(alias) ?? [];
  const print = printOf(token);
  if (target !== undefined) return unproven("token-alias", { name, target, print });
  return recordsOf(texts)?.includes(print) === true ? undefined : unproven("token-missing", { name, print });
}

/**
 * Whether the server at an address is the caller's. Anybody may let a name of his lead to anybody's address, so only the
 * name counts that the address itself has, and that leads back to it: it has to be in the domain, or have the token, too.
 */
export async function serverProblem(
  { domain, token }: Proof,
  address: string,
  net: Pick<Net, "dns" | "isOwn">,
): Promise<Unproven | undefined> {
  if (net.isOwn(address)) return undefined;
  const ip = parseIp(address);
  const named = ip === undefined ? err(unproven("server-nameless", { address })) : await namesOf(ip, net.dns);
  if (!named.ok) return named.error;
  if (named.value.some((name) => isAtOrBelow(name, domain))) return undefined;
  for (const name of named.value)
    if ((await recordProblem(token, name, net.dns)) === undefined) return undefined;
  const [name = domain] = named.value;
  return unproven("server-elsewhere", {
    address,
    name,
    domain,
    record: recordOf(name),
    print: printOf(token),
  });
}

/** What is left out where the server was not shown to be the caller's. */
const TRIED: readonly [CheckId, CheckId] = ["relay-forms", "smuggling"];

/** Each for itself: those that are proven, and of the others what is not tried there and why. Without a proof nothing is. */
export async function provenHosts(
  hosts: readonly HostTarget[],
  net: Pick<Net, "dns" | "isOwn">,
  proof: Proof | undefined,
): Promise<{ readonly hosts: readonly HostTarget[]; readonly leftOut: readonly Finding[] }> {
  if (proof === undefined) return { hosts, leftOut: [] };
  const looked: HostTarget[] = [];
  const leftOut: Finding[] = [];
  for (const host of hosts) {
    const problem = await serverProblem(proof, host.address, net);
    looked.push(problem === undefined ? { ...host, proven: true } : host);
    if (problem === undefined || host.service !== "smtp") continue;
    const [first, second] = TRIED.map((check) =>
      unknown(check, placeOf(host), "", problem.note, problem.values),
    ) as [Finding, Finding];
    leftOut.push(...saidOnce(first, second));
  }
  return { hosts: looked, leftOut };
}

/** Ten names that do not answer would take minutes. */
const BUDGET_MS = 20_000;

/** The names of an address that lead back to it: there is one at least. RFC 8601 §2.7.3 */
async function namesOf(ip: IpAddress, dns: Dns): Promise<Result<readonly Domain[], Unproven>> {
  const address = ip.text;
  using budget = new Budget(BUDGET_MS, undefined);
  const timed = timedDns(dns, budget);
  const answer = await timed.query(reverseName(ip), "PTR");
  const names = uniqueNames(recordsOf(answer) ?? []);
  const [first] = names;
  if (first === undefined)
    return answer.kind === "failure"
      ? err(unproven("server-doubtful", { address, name: reverseName(ip), reason: answer.reason }))
      : err(unproven("server-nameless", { address }));
  const confirmed: Domain[] = [];
  let doubtful: Domain | undefined;
  for (const name of names) {
    const confirmation = await confirmName(name, ip, timed);
    if (confirmation === "yes") confirmed.push(name);
    if (confirmation === "failure") doubtful ??= name;
  }
  if (confirmed.length > 0) return ok(confirmed);
  return doubtful === undefined
    ? err(unproven("server-unconfirmed", { address, name: first }))
    : err(unproven("server-doubtful", { address, name: doubtful, reason: "no usable answer" }));
}

const unproven = (note: NoteId, values: Values): Unproven => ({ note, values });
