import { parseDmarcRecord } from "../authentication/dmarc/record.ts";
import { isSpfRecord, parseSpfRecord } from "../authentication/spf/parse.ts";
import { checkHost } from "../authentication/spf/verify.ts";
import type { Clock } from "../base/clock.ts";
import { printable } from "../base/ascii.ts";
import { parseIp } from "../base/ip.ts";
import type { Dns, DnsAnswer, TlsaRecord } from "../dns/answer.ts";
import { caaVerdict, parseIssueValue } from "../tls/caa.ts";
import { mtaStsId } from "../tls/mta-sts-record.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import { recordsOf } from "./probes/answers.ts";
import { isSameKey } from "./probes/dkim.ts";
import { isTlsReportRecord } from "./probes/tls-reports.ts";
import { unquoted, type DomainFacts, type PublishedRecord } from "./published.ts";
import type { DnsState } from "./words/dns-advice.ts";

export type Compared = {
  readonly record: PublishedRecord;
  readonly state: DnsState;
  /** What the DNS has instead, or why nobody knows. */
  readonly found: string;
};

/** The state of every record in the DNS: not to the letter, but whether it does what it should. */
export async function compareAll(
  records: readonly PublishedRecord[],
  facts: DomainFacts,
  dns: Dns,
  clock: Clock,
): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  for (const record of records) compared.push(await compare(record, facts, dns, clock));
  return compared;
}

async function compare(
  record: PublishedRecord,
  facts: DomainFacts,
  dns: Dns,
  clock: Clock,
): Promise<Compared> {
  // An alias and an address do the same; what counts is where they lead.
  const onlyIpv6 = facts.addresses.length > 0 && facts.addresses.every((address) => address.includes(":"));
  const type = record.type === "CNAME" ? (onlyIpv6 ? "AAAA" : "A") : record.type;
  const answer: DnsAnswer<unknown> = await dns.query(record.name, type);
  const all = recordsOf(answer);
  if (all === undefined)
    return { record, state: "unknown", found: answer.kind === "failure" ? answer.reason : "" };
  const here = all.map(asText).filter((text) => isOfKind(record, text));
  if (here.length === 0) return { record, state: "missing", found: "" };
  const found = printable(here.join(" | "), DOCTOR_LIMITS.evidenceChars);
  return { record, state: (await serves(record, here, facts, dns, clock)) ? "ok" : "different", found };
}

/** As in a zone file, without quotes around texts. */
function asText(data: unknown): string {
  if (typeof data === "string") return data;
  if (isTlsa(data))
    return `${data.usage} ${data.selector} ${data.matching} ${Buffer.from(data.data).toString("hex")}`;
  const value = data as Readonly<Record<string, string | number>>;
  if ("exchange" in value) return `${value["preference"]} ${value["exchange"]}.`;
  if ("target" in value)
    return `${value["priority"]} ${value["weight"]} ${value["port"]} ${value["target"]}.`;
  return `${value["flags"]} ${value["tag"]} "${value["value"]}"`;
}

const isTlsa = (data: unknown): data is TlsaRecord =>
  typeof data === "object" && data !== null && "matching" in data;

/** Of the many TXT records of a name only those of the same kind count. */
function isOfKind({ purpose, data }: PublishedRecord, text: string): boolean {
  switch (purpose) {
    // Beside the other key's record it is missing, not different.
    case "tlsa":
    case "tlsa-next":
      return text === data;
    case "spf":
    case "spf-host":
      return isSpfRecord(text);
    case "dmarc":
      return /^v[ \t]*=[ \t]*DMARC1/i.test(text);
    case "tlsrpt":
      return text.startsWith("v=TLSRPTv1");
    case "mta-sts":
    case "mta-sts-id":
      return text.startsWith("v=STSv1");
    case "caa":
    case "caa-account":
    case "caa-nobody":
    case "caa-report":
      return tagOf(text) === tagOf(data);
    default:
      return true;
  }
}

/** The property of a CAA record. */
const tagOf = (text: string): string => (text.split(" ")[1] ?? "").toLowerCase();

/** Our account is let through, and no record lets through whom the account does not concern. */
function onlyOurAccount(here: readonly string[], { issuer }: DomainFacts): boolean {
  if (issuer?.identity === undefined) return false;
  const values = here.map((text) => text.slice(text.indexOf('"') + 1, -1));
  const records = values.map((value) => ({ flags: 0, tag: "issue", value }));
  return (
    caaVerdict(records, { identities: [issuer.identity], account: issuer.account }) === "allowed" &&
    values.every((value) => parseIssueValue(value).parameters?.some(([tag]) => tag === "accounturi") === true)
  );
}

async function serves(
  { type, data, purpose }: PublishedRecord,
  here: readonly string[],
  facts: DomainFacts,
  dns: Dns,
  clock: Clock,
): Promise<boolean> {
  switch (purpose) {
    case "mx":
      return here.some((text) => text.split(" ")[1] === data.split(" ")[1]);
    case "spf":
      return (
        here.length === 1 &&
        (here[0] === unquoted(data) || (await allowsUs(here[0] ?? "", facts, dns, clock)))
      );
    case "spf-host": {
      const [text = ""] = here;
      const ofHost = { ...facts, domain: facts.hostName };
      return here.length === 1 && (text === unquoted(data) || (await allowsUs(text, ofHost, dns, clock)));
    }
    case "dkim":
      return here.some((text) => isSameKey(text, unquoted(data)));
    case "dmarc":
      return here.length === 1 && parseDmarcRecord(here[0] ?? "")?.assumedNone === false;
    case "tlsrpt":
      return here.length === 1 && isTlsReportRecord(here[0] ?? "");
    case "mta-sts":
      return mtaStsId(here) !== undefined;
    case "mta-sts-id":
      return mtaStsId(here) === facts.web?.policyId;
    case "web-name":
      return facts.addresses.length === 0 || here.some((address) => facts.addresses.includes(address));
    case "srv":
      return here.some((text) => text.split(" ").slice(2).join(" ") === data.split(" ").slice(2).join(" "));
    case "caa-account":
      return onlyOurAccount(here, facts);
    // Whoever names an authority, or other readers, has a reason.
    case "caa":
    case "caa-nobody":
    case "caa-report":
      return true;
    case "ptr":
      return here.some((text) => `${text}.` === data);
    default:
      return data === "" || here.includes(type === "AAAA" ? (parseIp(data)?.text ?? data) : data);
  }
}

/** A longer SPF record is as good if it lets our addresses pass and refuses others. */
async function allowsUs(
  text: string,
  { domain, hostName, addresses, sources = [] }: DomainFacts,
  dns: Dns,
  clock: Clock,
): Promise<boolean> {
  const record = parseSpfRecord(text);
  if (!record.ok || addresses.length === 0) return false;
  const strangers = record.value.directives.find(({ kind }) => kind === "all")?.qualifier;
  if (record.value.redirect === undefined && strangers !== "fail" && strangers !== "softfail") return false;
  for (const address of new Set([...addresses, ...sources])) {
    const client = parseIp(address);
    if (client === undefined) return false;
    const from = { localPart: "postmaster", domain };
    const question = { client, heloName: hostName, from, receiver: hostName, now_ms: clock.now() };
    if ((await checkHost(question, dns)).result !== "pass") return false;
  }
  return true;
}
