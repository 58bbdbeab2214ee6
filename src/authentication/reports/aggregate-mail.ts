import type { Address } from "../../message/address.ts";
import { buildMessage } from "../../message/builder.ts";
import type { DateTime } from "../../message/date.ts";
import { aggregateFileName, packAggregate } from "./aggregate-build.ts";
import type { AggregateReport } from "./aggregate.ts";
import { reportSubject } from "./subject.ts";

export type AggregateMail = {
  readonly report: AggregateReport;
  /** Our name: the Mail Receiver that makes the report. */
  readonly submitter: string;
  readonly from: Address;
  readonly to: Address;
  readonly date: DateTime;
  readonly messageId: string;
};

/** The mail that carries an aggregate report; the caller signs it, aligned with From. RFC 9990 §3.5.2; C-20 */
export function buildAggregateMail(mail: AggregateMail): Buffer {
  const { report, submitter } = mail;
  const { domain } = report.policy;
  return buildMessage(
    {
      from: [mail.from],
      to: [mail.to],
      subject: reportSubject(domain, submitter, report.metadata.reportId),
      date: mail.date,
      messageId: mail.messageId,
      fields: [["Auto-Submitted", "auto-generated"]],
    },
    {
      kind: "multipart",
      subtype: "mixed",
      parts: [
        {
          kind: "text",
          subtype: "plain",
          text: `DMARC aggregate report about ${domain} from ${submitter}.\n`,
        },
        {
          kind: "attachment",
          type: "application/gzip",
          fileName: aggregateFileName(submitter, report),
          octets: packAggregate(report),
        },
      ],
    },
  );
}
