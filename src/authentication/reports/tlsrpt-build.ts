import { gzipSync } from "node:zlib";
import type { Address } from "../../message/address.ts";
import { buildMessage } from "../../message/builder.ts";
import type { DateTime } from "../../message/date.ts";
import { reportSubject } from "./subject.ts";
import type { TlsFailure, TlsReport, TlsReportPolicy } from "./tlsrpt.ts";

/** The report as JSON; parseTlsReport gives it back. RFC 8460 §4.4 */
export function buildTlsReportJson(report: TlsReport): string {
  return JSON.stringify({
    "organization-name": report.organization,
    "date-range": { "start-datetime": timeText(report.begin_s), "end-datetime": timeText(report.end_s) },
    "contact-info": report.contact,
    "report-id": report.reportId,
    policies: report.policies.map(policyJson),
  });
}

/** The JSON as it travels, by mail and by HTTPS. RFC 8460 §5.2 */
export const packTlsReport = (report: TlsReport): Buffer =>
  gzipSync(Buffer.from(buildTlsReportJson(report), "utf8"));

const policyJson = (policy: TlsReportPolicy): unknown => ({
  policy: {
    "policy-type": policy.type,
    ...(policy.strings.length === 0 ? {} : { "policy-string": policy.strings }),
    "policy-domain": policy.domain,
    ...(policy.mxHosts.length === 0 ? {} : { "mx-host": policy.mxHosts }),
  },
  summary: {
    "total-successful-session-count": policy.successes,
    "total-failure-session-count": policy.failures,
  },
  ...(policy.details.length === 0 ? {} : { "failure-details": policy.details.map(failureJson) }),
});

/** Absent members are left out by JSON.stringify. */
const failureJson = (failure: TlsFailure): unknown => ({
  "result-type": failure.type,
  "sending-mta-ip": failure.sendingAddress,
  "receiving-mx-hostname": failure.receivingHost,
  "receiving-mx-helo": failure.receivingHelo,
  "receiving-ip": failure.receivingAddress,
  "failed-session-count": failure.sessions,
  "additional-information": failure.information,
  "failure-reason-code": failure.reason,
});

const timeText = (epoch_s: number): string => new Date(epoch_s * 1000).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * Name of the attachment. RFC 8460 §5.1
 *
 *   filename = sender "!" policy-domain "!" begin-timestamp "!" end-timestamp [ "!" unique-id ] "." extension
 */
export function tlsReportFileName(sender: string, policyDomain: string, report: TlsReport): string {
  const domain = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, "");
  return `${domain(sender)}!${domain(policyDomain)}!${report.begin_s}!${report.end_s}.json.gz`;
}

export type TlsReportMail = {
  readonly report: TlsReport;
  /** Our name, and the domain the report is about. */
  readonly submitter: string;
  readonly policyDomain: string;
  readonly from: Address;
  readonly to: Address;
  readonly date: DateTime;
  readonly messageId: string;
};

/** The mail that carries a report; it must travel even where TLS is broken. RFC 8460 §5.3, RFC 8689; T-26, T-53 */
export function buildTlsReportMail(mail: TlsReportMail): Buffer {
  const { report, submitter, policyDomain } = mail;
  return buildMessage(
    {
      from: [mail.from],
      to: [mail.to],
      subject: reportSubject(policyDomain, submitter, report.reportId),
      date: mail.date,
      messageId: mail.messageId,
      fields: [
        ["TLS-Report-Domain", policyDomain],
        ["TLS-Report-Submitter", submitter],
        ["TLS-Required", "No"],
        ["Auto-Submitted", "auto-generated"],
      ],
    },
    {
      kind: "multipart",
      subtype: "report",
      parameters: [["report-type", "tlsrpt"]],
      parts: [
        { kind: "text", subtype: "plain", text: `TLS report about ${policyDomain} from ${submitter}.\n` },
        {
          kind: "attachment",
          type: "application/tlsrpt+gzip",
          fileName: tlsReportFileName(submitter, policyDomain, report),
          octets: packTlsReport(report),
        },
      ],
    },
  );
}
