import type { DnsAnswer, RecordType } from "../dns/answer.ts";
import type { Ask } from "./ask.ts";

/** What became of looking for any of several record types. */
export type Existence = "exists" | "absent" | "failure";

/** Is there a record of any of these types? The first that is there ends the search; doubt beats absence (D-47). */
export async function anyRecord(ask: Ask, name: string, types: readonly RecordType[]): Promise<Existence> {
  let doubtful = false;
  for (const type of types) {
    const answer: DnsAnswer<unknown> = await ask.dns(name, type);
    if (answer.kind === "records" && answer.records.length > 0) return "exists";
    doubtful ||= answer.kind === "failure";
  }
  return doubtful ? "failure" : "absent";
}

/** Can mail be sent to this domain? `null-mx`: it says that it takes none. RFC 5321 §5.1, RFC 7505 */
export async function mailDomain(ask: Ask, domain: string): Promise<Existence | "null-mx"> {
  const mx = await ask.dns(domain, "MX");
  if (mx.kind === "records" && mx.records.length > 0) {
    return mx.records.every((record) => record.exchange === "") ? "null-mx" : "exists";
  }
  const other = await anyRecord(ask, domain, ["A", "AAAA"]);
  return other === "absent" && mx.kind === "failure" ? "failure" : other;
}
