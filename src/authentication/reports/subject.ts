/**
 * Subject of a mail with a report. RFC 9990 §3.5.2, RFC 8460 §5.3
 *
 *   dmarc-subject = %s"Report" 1*FWS %s"Domain:" 1*FWS domain-name 1*FWS %s"Submitter:" 1*FWS domain-name
 *                   1*FWS [ %s"Report-ID:" 1*FWS ridtxt ]
 *   ridtxt        = ("<" ridfmt ">") / ridfmt
 */
export function reportSubject(domain: string, submitter: string, reportId: string): string {
  const id = reportId.replace(/[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]/g, "");
  return `Report Domain: ${domain} Submitter: ${submitter}${id === "" ? "" : ` Report-ID: <${id}>`}`;
}
