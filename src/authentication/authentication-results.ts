import type { IpAddress } from "../base/ip.ts";
import type { ReportedProperty, ReportedResult, ReportedResults } from "./authentication-results-parse.ts";
import type { Authentication, DkimResult, DmarcResult, SpfResult } from "./results.ts";

/** RFC 5322 §2.1.1 */
const LINE_LENGTH_WANTED = 78;
/** A line holds one property at least and must stay below 998 octets even if every character is escaped. */
const VALUE_LENGTH_MAX = 400;
/** Signatures reported; a message with more is nobody's honest mail. */
const RESULTS_MAX = 50;
const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;

/**
 * One Authentication-Results field with its line end. No comments, nothing that is not printable ASCII, no local parts.
 * RFC 8601 §2.2, RFC 8617 §6; C-23
 *
 *   authres-header-field = "Authentication-Results:" authres-payload
 */
export function formatAuthenticationResults(
  authServId: string,
  authentication: Authentication,
  client?: IpAddress,
): string {
  const payload = formatResults({ authServId, results: reportedResults(authentication, client) });
  return `Authentication-Results: ${payload}\r\n`;
}

/** The value of the field, folded, also for ARC-Authentication-Results behind `i=1; `. RFC 8617 §4.1.1 */
export function formatResults({ authServId, results }: ReportedResults): string {
  const id = formatValue(authServId);
  if (results.length === 0) return `${id}; none`;
  return [id, ...results.slice(0, RESULTS_MAX).map(formatResult)].join(";\r\n\t");
}

/** All results in the words of the field: method, result, reason, evidence. RFC 8601 §2.7 */
export function reportedResults(authentication: Authentication, client?: IpAddress): ReportedResult[] {
  const { iprev, spf, dkim, arc, dmarc } = authentication;
  const from = property("header", "from", dmarc.authorDomain);
  const address = property("smtp", "remote-ip", arc.instances > 0 ? client?.text : undefined);
  const oldest = property("header", "oldest-pass", arc.oldestPass?.toString());
  const requested = dmarc.result === "none" ? undefined : dmarc.requested;
  return [
    ...(iprev ? [reported("iprev", iprev.result, undefined, property("policy", "iprev", client?.text))] : []),
    ...spf.map(reportedSpf),
    ...(dkim.length === 0 ? [reported("dkim", "none", undefined)] : dkim.map(reportedDkim)),
    reported("arc", arc.result, arc.problem, oldest, address),
    reported("dmarc", dmarc.result, dmarcReason(dmarc), from, property("policy", "dmarc", requested)),
  ];
}

/** Who is believed although it failed is named. C-18 */
const dmarcReason = ({ override, problem }: DmarcResult): string | undefined =>
  override === undefined ? problem : `${override.type}: ${override.comment}`;

function reportedSpf({ result, problem, identity, domain }: SpfResult): ReportedResult {
  return reported("spf", result, problem, property("smtp", identity, domain));
}

function reportedDkim(dkim: DkimResult): ReportedResult {
  return reported(
    "dkim",
    dkim.result,
    dkim.problem,
    property("header", "d", dkim.domain),
    property("header", "s", dkim.selector),
    property("header", "a", dkim.algorithm),
    property("header", "b", dkim.signatureStart),
  );
}

function reported(
  method: string,
  result: string,
  reason: string | undefined,
  ...properties: readonly (ReportedProperty | undefined)[]
): ReportedResult {
  const given = properties.filter((one) => one !== undefined);
  return { method, result, ...(reason === undefined ? {} : { reason }), properties: given };
}

/** Absent and empty evidence is left out. */
function property(type: string, name: string, value: string | undefined): ReportedProperty | undefined {
  return value === undefined || value === "" ? undefined : { type, name, value };
}

function formatResult({ method, result, reason, properties }: ReportedResult): string {
  let line = `${method}=${result}`;
  let folded = "";
  const add = (word: string): void => {
    if (line.length + word.length + 2 > LINE_LENGTH_WANTED) {
      folded += `${line}\r\n`;
      line = `\t${word}`;
    } else line += ` ${word}`;
  };
  if (reason !== undefined) add(`reason=${formatValue(reason)}`);
  for (const { type, name, value } of properties) add(`${type}.${name}=${formatValue(value)}`);
  return folded + line;
}

/** value = token / quoted-string (RFC 2045 §5.1) */
function formatValue(value: string): string {
  if (value.length <= VALUE_LENGTH_MAX && TOKEN.test(value)) return value;
  const clean = value.replace(/[^\x20-\x7e]/g, "?").slice(0, VALUE_LENGTH_MAX);
  return TOKEN.test(clean) ? clean : `"${clean.replace(/["\\]/g, "\\$&")}"`;
}
