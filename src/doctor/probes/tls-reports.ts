import { failure, fine, unknown, warning } from "../finding.ts";
import type { DomainTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { absent } from "../words/seen.ts";

/** Does the domain ask to be told about failed TLS? RFC 8460 §3 */
export const tlsReports: Probe<DomainTarget> = {
  id: "tls-reports",
  title: phrase("TLS reports", "TLS-Berichte"),
  source: "RFC 8460 §3",
  checks: ["tlsrpt"],
  async run({ domain }, net) {
    const name = below("_smtp._tls", domain);
    if (name === undefined) return [];
    const answer = await net.dns.query(name, "TXT");
    const texts = recordsOf(answer)?.filter((text) => text.startsWith("v=TLSRPTv1"));
    if (texts === undefined)
      return [unknown("tlsrpt", domain, "", "dns-failed", { name, reason: reasonOf(answer) })];
    const [text] = texts;
    if (text === undefined)
      return [warning("tlsrpt", domain, absent("v=TLSRPTv1"), "tlsrpt-missing", { domain })];
    return texts.length === 1 && isTlsReportRecord(text)
      ? [fine("tlsrpt", domain, text)]
      : [failure("tlsrpt", domain, texts.join(" | "), "tlsrpt-bad", { domain })];
  },
};

/**
 *     tlsrpt-record  = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
 *     tlsrpt-rua     = "rua" *WSP "=" *WSP tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
 */
export const isTlsReportRecord = (text: string): boolean =>
  /^v=TLSRPTv1[ \t]*;/.test(text) &&
  text
    .split(";")
    .slice(1)
    .some((field) => /^[ \t]*rua[ \t]*=[ \t]*(?:mailto:[^@\s,;]+@[^@\s,;]|https:\/\/[^\s,;])/.test(field));
