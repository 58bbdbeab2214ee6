import { err, ok, type Result } from "../../base/result.ts";
import { asBuffer } from "../../message/octets.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { present } from "./present.ts";
import type { TlsFailure, TlsReport, TlsReportPolicy } from "./tlsrpt.ts";

export type TlsReportProblem =
  | "too-large"
  | "json-syntax"
  | "not-a-report"
  | "incomplete"
  | "too-many-policies";

/**
 * Reads an unpacked TLS report. Unknown members are passed over, as are policies of an unknown type; what has the
 * wrong type counts as absent. Never throws. RFC 8460 §4.4; T-52
 */
export function parseTlsReport(octets: Uint8Array): Result<TlsReport, TlsReportProblem> {
  if (octets.length > REPORT_LIMITS.unpackedOctetsMax) return err("too-large");
  const json = readJson(asBuffer(octets).toString("utf8"));
  if (json === undefined) return err("json-syntax");
  const root = members(json);
  if (root === undefined || !Array.isArray(root["policies"])) return err("not-a-report");
  if (root["policies"].length > REPORT_LIMITS.tlsPoliciesMax) return err("too-many-policies");
  const range = members(root["date-range"]);
  const begin_s = timeOf(range?.["start-datetime"]);
  const end_s = timeOf(range?.["end-datetime"]);
  const reportId = textOf(root["report-id"]);
  if (begin_s === undefined || end_s === undefined || reportId === undefined) return err("incomplete");
  return ok({
    organization: textOf(root["organization-name"]) ?? "",
    ...present("contact", textOf(root["contact-info"])),
    reportId,
    begin_s,
    end_s,
    policies: root["policies"].flatMap((policy: unknown) => readPolicy(policy) ?? []),
  });
}

function readPolicy(value: unknown): TlsReportPolicy | undefined {
  const entry = members(value);
  const policy = members(entry?.["policy"]);
  const summary = members(entry?.["summary"]);
  const type = POLICY_TYPES.find((known) => known === policy?.["policy-type"]);
  if (type === undefined) return undefined;
  const details: readonly unknown[] = Array.isArray(entry?.["failure-details"])
    ? entry["failure-details"]
    : [];
  return {
    type,
    strings: textsOf(policy?.["policy-string"]),
    domain: (textOf(policy?.["policy-domain"]) ?? "").toLowerCase(),
    // Writers differ, as RFC 8460 does with itself: a list or one text, `mx-host` or `mx-host-pattern`.
    mxHosts: textsOf(policy?.["mx-host"] ?? policy?.["mx-host-pattern"]),
    successes: countOf(summary?.["total-successful-session-count"]),
    failures: countOf(summary?.["total-failure-session-count"]),
    details: details.slice(0, REPORT_LIMITS.tlsFailuresMax).flatMap((detail) => readFailure(detail) ?? []),
  };
}

function readFailure(value: unknown): TlsFailure | undefined {
  const detail = members(value);
  const type = textOf(detail?.["result-type"]);
  if (detail === undefined || type === undefined) return undefined;
  return {
    type,
    ...present("sendingAddress", textOf(detail["sending-mta-ip"])),
    ...present("receivingHost", textOf(detail["receiving-mx-hostname"])),
    ...present("receivingHelo", textOf(detail["receiving-mx-helo"])),
    ...present("receivingAddress", textOf(detail["receiving-ip"])),
    sessions: countOf(detail["failed-session-count"]),
    ...present("information", textOf(detail["additional-information"])),
    ...present("reason", textOf(detail["failure-reason-code"])),
  };
}

const POLICY_TYPES = ["tlsa", "sts", "no-policy-found"] as const;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

const members = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== ""
    ? value.toWellFormed().slice(0, REPORT_LIMITS.textLengthMax)
    : undefined;

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.slice(0, REPORT_LIMITS.tlsStringsMax).flatMap((text) => textOf(text) ?? []);
}

/** Sessions; what is no count is none. */
const countOf = (value: unknown): number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;

/** Seconds since 1970. RFC 3339 §5.6 */
function timeOf(value: unknown): number | undefined {
  const text = textOf(value) ?? "";
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text))
    return undefined;
  const epoch_ms = Date.parse(text.replace(" ", "T").toUpperCase());
  return Number.isNaN(epoch_ms) ? undefined : Math.floor(epoch_ms / 1000);
}
