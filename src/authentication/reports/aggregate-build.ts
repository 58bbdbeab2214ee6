import { gzipSync } from "node:zlib";
import { AGGREGATE_NAMESPACE, type AggregateRecord, type AggregateReport } from "./aggregate.ts";
import { escapeXml } from "./xml.ts";

/** Signatures of one row, best first. RFC 9990 §3.1.3 */
const SIGNATURES_MAX = 100;

/** The report as XML; parseAggregate gives it back. RFC 9990 §3.1, Appendix A */
export function buildAggregateXml({ metadata, policy, records }: AggregateReport): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<feedback xmlns="${AGGREGATE_NAMESPACE}">`,
    leaf("version", "1.0"),
    element("report_metadata", [
      leaf("org_name", metadata.organization),
      leaf("email", metadata.email),
      leaf("extra_contact_info", metadata.contact),
      leaf("report_id", metadata.reportId),
      element("date_range", [leaf("begin", `${metadata.begin_s}`), leaf("end", `${metadata.end_s}`)]),
      ...metadata.errors.map((text) => leaf("error", text)),
      leaf("generator", metadata.generator),
    ]),
    element("policy_published", [
      leaf("domain", policy.domain),
      leaf("p", policy.p),
      leaf("sp", policy.sp),
      leaf("np", policy.np),
      leaf("adkim", policy.adkim),
      leaf("aspf", policy.aspf),
      leaf("discovery_method", policy.discovery),
      leaf("fo", policy.fo),
      leaf("testing", policy.testing === undefined ? undefined : policy.testing ? "y" : "n"),
    ]),
    ...records.map(recordElement),
    "</feedback>",
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

/** The XML as it travels. RFC 9990 §3.5.2 */
export const packAggregate = (report: AggregateReport): Buffer =>
  gzipSync(Buffer.from(buildAggregateXml(report), "utf8"));

/**
 * Name of the attachment; a report sent again has the same. Without unique-id: there is one report for a domain and
 * period, and long names would travel in RFC 2231 pieces, which few readers of reports know. RFC 9990 §3.5.2; C-20
 *
 *   filename = receiver "!" policy-domain "!" begin-timestamp "!" end-timestamp [ "!" unique-id ] "." extension
 */
export function aggregateFileName(receiver: string, { metadata, policy }: AggregateReport): string {
  const domain = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, "");
  const parts = [domain(receiver), domain(policy.domain), metadata.begin_s, metadata.end_s];
  return `${parts.join("!")}.xml.gz`;
}

function recordElement(record: AggregateRecord): string {
  return element("record", [
    element("row", [
      leaf("source_ip", record.source),
      leaf("count", `${record.count}`),
      element("policy_evaluated", [
        leaf("disposition", record.disposition),
        leaf("dkim", record.dkim),
        leaf("spf", record.spf),
        ...record.reasons.map(({ type, comment }) =>
          element("reason", [leaf("type", type), leaf("comment", comment)]),
        ),
      ]),
    ]),
    element("identifiers", [
      leaf("envelope_to", record.envelopeTo),
      leaf("envelope_from", record.envelopeFrom),
      leaf("header_from", record.headerFrom),
    ]),
    element("auth_results", [
      ...record.signatures
        .slice(0, SIGNATURES_MAX)
        .map(({ domain, selector, result, explanation }) =>
          element("dkim", [
            leaf("domain", domain),
            leaf("selector", selector),
            leaf("result", result),
            leaf("human_result", explanation),
          ]),
        ),
      ...record.senders.map(({ domain, scope, result, explanation }) =>
        element("spf", [
          leaf("domain", domain),
          leaf("scope", scope),
          leaf("result", result),
          leaf("human_result", explanation),
        ]),
      ),
    ]),
  ]);
}

const element = (name: string, children: readonly string[]): string =>
  `<${name}>${children.join("")}</${name}>`;

const leaf = (name: string, text: string | undefined): string =>
  text === undefined ? "" : `<${name}>${escapeXml(text)}</${name}>`;
