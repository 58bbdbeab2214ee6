import { asciiLower } from "../../base/ascii.ts";
import { parseIp } from "../../base/ip.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { AggregateRecord, AggregateReport } from "./aggregate.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { present } from "./present.ts";
import { xmlText, XmlReader, XmlStop, type XmlElement, type XmlProblem } from "./xml.ts";

export type AggregateProblem = XmlProblem | "not-a-report" | "incomplete" | "too-many-records" | "too-large";

export type ParsedAggregate = {
  readonly report: AggregateReport;
  /** As the root declares it; empty for most old reports. */
  readonly namespace: string;
  /** Records without a readable address or count, left out. */
  readonly skipped: number;
};

/**
 * Reads an unpacked aggregate report, of RFC 9990 or of RFC 7489; unknown elements and extensions are passed over,
 * unknown words read as absence. Never throws. RFC 9990 §3.1, Appendix A
 */
export function parseAggregate(octets: Uint8Array): Result<ParsedAggregate, AggregateProblem> {
  if (octets.length > REPORT_LIMITS.unpackedOctetsMax) return err("too-large");
  try {
    return readReport(new XmlReader(xmlText(octets)));
  } catch (error) {
    if (error instanceof XmlStop) return err(error.problem);
    throw error;
  }
}

function readReport(reader: XmlReader): Result<ParsedAggregate, AggregateProblem> {
  const root = reader.root();
  if (root !== "feedback") return err("not-a-report");
  let metadata: AggregateReport["metadata"] | undefined;
  let policy: AggregateReport["policy"] | undefined;
  const records: AggregateRecord[] = [];
  let seen = 0;
  for (let child = reader.child(root); child !== undefined; child = reader.child(root)) {
    if (child.name === "report_metadata") metadata ??= readMetadata(child);
    else if (child.name === "policy_published") policy ??= readPolicy(child);
    else if (child.name === "record") {
      if (++seen > REPORT_LIMITS.recordsMax) return err("too-many-records");
      const record = readRecord(child);
      if (record !== undefined) records.push(record);
    }
  }
  if (metadata === undefined || policy === undefined) return err("incomplete");
  const report = { metadata, policy, records };
  return ok({ report, namespace: reader.namespace, skipped: seen - records.length });
}

function readMetadata(element: XmlElement): AggregateReport["metadata"] | undefined {
  const range = find(element, "date_range");
  const begin_s = wholeNumber(valueOf(range, "begin"));
  const end_s = wholeNumber(valueOf(range, "end"));
  const reportId = valueOf(element, "report_id");
  if (begin_s === undefined || end_s === undefined || reportId === undefined) return undefined;
  return {
    organization: valueOf(element, "org_name") ?? "",
    email: valueOf(element, "email") ?? "",
    ...present("contact", valueOf(element, "extra_contact_info")),
    reportId,
    begin_s,
    end_s,
    errors: all(element, "error").flatMap(({ text }) => (text === "" ? [] : [text])),
    ...present("generator", valueOf(element, "generator")),
  };
}

function readPolicy(element: XmlElement): AggregateReport["policy"] | undefined {
  const domain = valueOf(element, "domain");
  if (domain === undefined) return undefined;
  const word = <const T extends string>(name: string, words: readonly T[]): T | undefined =>
    oneOf(valueOf(element, name), words);
  const testing = word("testing", ["y", "n"]);
  return {
    domain: asciiLower(domain),
    ...present("p", word("p", REQUESTED)),
    ...present("sp", word("sp", REQUESTED)),
    ...present("np", word("np", REQUESTED)),
    ...present("adkim", word("adkim", ["r", "s"])),
    ...present("aspf", word("aspf", ["r", "s"])),
    ...present("fo", valueOf(element, "fo")),
    ...present("testing", testing === undefined ? undefined : testing === "y"),
    ...present("discovery", word("discovery_method", ["psl", "treewalk"])),
  };
}

function readRecord(element: XmlElement): AggregateRecord | undefined {
  const row = find(element, "row");
  const evaluated = find(row, "policy_evaluated");
  const identifiers = find(element, "identifiers") ?? find(element, "identities");
  const results = find(element, "auth_results");
  const source = parseIp(valueOf(row, "source_ip") ?? "");
  const count = wholeNumber(valueOf(row, "count"));
  if (source === undefined || count === undefined) return undefined;
  return {
    source: source.text,
    count,
    disposition: oneOf(valueOf(evaluated, "disposition"), ["none", "quarantine", "reject", "pass"]) ?? "none",
    dkim: oneOf(valueOf(evaluated, "dkim"), PASS_OR_FAIL) ?? "fail",
    spf: oneOf(valueOf(evaluated, "spf"), PASS_OR_FAIL) ?? "fail",
    reasons: all(evaluated, "reason").map((reason) => ({
      type: oneOf(valueOf(reason, "type"), OVERRIDES) ?? "other",
      ...present("comment", valueOf(reason, "comment")),
    })),
    headerFrom: asciiLower(valueOf(identifiers, "header_from") ?? ""),
    ...present("envelopeFrom", lower(valueOf(identifiers, "envelope_from"))),
    ...present("envelopeTo", lower(valueOf(identifiers, "envelope_to"))),
    signatures: all(results, "dkim").map(readSignature),
    senders: all(results, "spf").map(readSender),
  };
}

const readSignature = (element: XmlElement): AggregateRecord["signatures"][number] => ({
  domain: asciiLower(valueOf(element, "domain") ?? ""),
  ...present("selector", valueOf(element, "selector")),
  result: oneOf(valueOf(element, "result"), DKIM_RESULTS) ?? "none",
  ...present("explanation", valueOf(element, "human_result")),
});

const readSender = (element: XmlElement): AggregateRecord["senders"][number] => ({
  domain: asciiLower(valueOf(element, "domain") ?? ""),
  ...present("scope", oneOf(valueOf(element, "scope"), ["helo", "mfrom"])),
  result: oneOf(valueOf(element, "result"), SPF_RESULTS) ?? "none",
  ...present("explanation", valueOf(element, "human_result")),
});

const REQUESTED = ["none", "quarantine", "reject"] as const;
const PASS_OR_FAIL = ["pass", "fail"] as const;
const DKIM_RESULTS = ["none", "pass", "fail", "policy", "neutral", "temperror", "permerror"] as const;
const SPF_RESULTS = ["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"] as const;
const OVERRIDES = [
  "local_policy",
  "mailing_list",
  "other",
  "policy_test_mode",
  "trusted_forwarder",
  "forwarded",
  "sampled_out",
] as const;

const find = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name);

const all = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];

/** Text of the first child of that name; an empty one says nothing. */
function valueOf(element: XmlElement | undefined, name: string): string | undefined {
  const text = find(element, name)?.text;
  return text === "" ? undefined : text;
}

const lower = (text: string | undefined): string | undefined =>
  text === undefined ? text : asciiLower(text);

function oneOf<const T extends string>(text: string | undefined, words: readonly T[]): T | undefined {
  const word = lower(text);
  return words.find((known) => known === word);
}

/** Some writers give fractions of a second, which are cut. */
function wholeNumber(text: string | undefined): number | undefined {
  const digits = /^([0-9]{1,15})(?:\.[0-9]{1,15})?$/.exec(text ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}
