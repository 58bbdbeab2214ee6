import { whenHere, type Soon } from "../base/soon.ts";
import type { DnsAnswer, MxRecord, RecordType } from "../dns/answer.ts";
import type { Ask } from "./ask.ts";

/** What became of looking for any of several record types. */
export type Existence = "exists" | "absent" | "failure";

/** Is there a record of any of these types? The first that is there ends the search; doubt beats absence (D-47). */
export function anyRecord(
  ask: Ask,
  name: string,
  [type, ...others]: readonly RecordType[],
  otherwise: Existence = "absent",
): Soon<Existence> {
  if (type === undefined) return otherwise;
  const answer: Soon<DnsAnswer<unknown>> = ask.dns(name, type);
  return whenHere(answer, (found) =>
    found.kind === "records" && found.records.length > 0
      ? "exists"
      : anyRecord(ask, name, others, found.kind === "failure" ? "failure" : otherwise),
  );
}

/** Can mail be sent to this domain? `null-mx`: it says that it takes none. RFC 5321 §5.1, RFC 7505 */
export const mailDomain = (ask: Ask, domain: string): Soon<Existence | "null-mx"> =>
  whenHere(ask.dns(domain, "MX"), (mx) => mailDomainBy(mx, ask, domain));

function mailDomainBy(mx: DnsAnswer<MxRecord>, ask: Ask, domain: string): Soon<Existence | "null-mx"> {
  if (mx.kind === "records" && mx.records.length > 0) {
    return mx.records.every((record) => record.exchange === "") ? "null-mx" : "exists";
  }
  // Doubt about MX is doubt about the domain, unless it has an address.
  return anyRecord(ask, domain, ["A", "AAAA"], mx.kind === "failure" ? "failure" : "absent");
}
