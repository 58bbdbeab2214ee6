import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { Dns, RecordType } from "../dns/answer.ts";
import type { AcmeFailure } from "./acme-failure.ts";

/** Two views of one resolver: what it vouches for, and what it hears (CD, RFC 4035 §3.2.2). */
export type DnssecViews = { readonly dns: Dns; readonly unchecked: Dns };

/** What authorities ask of a name, and must validate (CA/B Forum SC-085v2); CAA of every name above it too (RFC 8659 §3). */
const ASKED = ["A", "AAAA", "CAA"] as const;

type Question = { readonly name: Domain; readonly type: RecordType; readonly of: readonly string[] };

/**
 * Why an order for these names would come to nothing: signatures that do not hold. Found where a resolver that validates
 * fails with SERVFAIL and answers once it need not check; one that does not validate finds nothing, and who is silent
 * proves nothing.
 */
export async function brokenDnssec(
  names: readonly string[],
  views: DnssecViews,
  signal?: AbortSignal,
): Promise<AcmeFailure | undefined> {
  const asked = questions(names);
  const broken = (await Promise.all(asked.map((one) => isBroken(one, views, signal)))).flatMap((found, at) =>
    found ? (asked[at] ?? []) : [],
  );
  if (broken.length === 0 || signal?.aborted) return undefined;
  const told = broken.slice(0, TOLD_MAX).map(({ name, type }) => `${name} ${type}`);
  return {
    code: "acme-dnssec",
    message: `DNSSEC is broken, so no authority may issue: the signatures of ${told.join(", ")} do not hold.`,
    remedy:
      "Have the zone signed anew, and compare the DS record at the registrar with the keys of the zone (dnsviz.net shows both); where DNSSEC is not wanted, have the DS record removed. It is tried again by itself.",
    names: [...new Set(broken.flatMap(({ of }) => of))],
  };
}

const TOLD_MAX = 5;

/** Each once, with the names of the order it is about. */
function questions(names: readonly string[]): readonly Question[] {
  const found = new Map<string, { name: Domain; type: RecordType; of: string[] }>();
  for (const ordered of names) {
    const name = parseDomain(ordered.replace(/^\*\./, ""));
    if (name === undefined) continue;
    const labels = name.split(".");
    const above = labels.slice(1, -1).map((_, at) => labels.slice(at + 1).join(".") as Domain);
    const wanted = [
      ...ASKED.map((type) => [name, type] as const),
      ...above.map((parent) => [parent, "CAA"] as const),
    ];
    for (const [at, type] of wanted) {
      const key = `${at} ${type}`;
      const known = found.get(key) ?? { name: at, type, of: [] };
      known.of.push(ordered);
      found.set(key, known);
    }
  }
  return [...found.values()];
}

async function isBroken(
  { name, type }: Question,
  { dns, unchecked }: DnssecViews,
  signal?: AbortSignal,
): Promise<boolean> {
  const checked = await dns.query(name, type, signal);
  if (checked.kind !== "failure" || checked.reason !== "servfail") return false;
  return (await unchecked.query(name, type, signal)).kind !== "failure";
}
