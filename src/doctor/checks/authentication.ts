import { check } from "./check.ts";

export const AUTHENTICATION_CHECKS = {
  "spf-record": check("authentication", "One SPF record", "Ein SPF-Eintrag", "RFC 7208 §3.2, G-40", "AUTH-4"),
  "spf-syntax": check("authentication", "SPF can be read", "SPF ist lesbar", "RFC 7208 §4.6"),
  "spf-ending": check(
    "authentication",
    "SPF ends with a refusal",
    "SPF endet mit einer Ablehnung",
    "RFC 7208 §5.1, G-40",
    "AUTH-5",
  ),
  "spf-lookups": check(
    "authentication",
    "SPF stays within ten look-ups",
    "SPF kommt mit zehn Abfragen aus",
    "RFC 7208 §4.6.4, G-40",
  ),
  "spf-voids": check(
    "authentication",
    "SPF names nothing that is not there",
    "SPF nennt nichts, was es nicht gibt",
    "RFC 7208 §4.6.4",
  ),
  "spf-ptr": check("authentication", "SPF does without ptr", "SPF kommt ohne ptr aus", "RFC 7208 §5.5"),
  "spf-ours": check("authentication", "SPF allows this server", "SPF erlaubt diesen Server", "RFC 7208 §5"),
  "dkim-namespace": check(
    "authentication",
    "DKIM keys can exist",
    "Es kann DKIM-Schlüssel geben",
    "RFC 8020, G-39",
    "AUTH-3",
  ),
  "dkim-key": check(
    "authentication",
    "DKIM keys are published and strong",
    "DKIM-Schlüssel sind veröffentlicht und stark",
    "RFC 6376 §3.6.1, RFC 8301 §3.2",
  ),
  "dmarc-record": check(
    "authentication",
    "One DMARC record",
    "Ein DMARC-Eintrag",
    "RFC 9989 §4.7, G-37",
    "AUTH-1",
  ),
  "dmarc-policy": check(
    "authentication",
    "DMARC asks for action",
    "DMARC verlangt etwas",
    "RFC 9989 §4.7, G-38",
    "AUTH-2",
  ),
  "dmarc-reports": check(
    "authentication",
    "DMARC reports go somewhere",
    "DMARC-Berichte kommen an",
    "RFC 9990, G-38",
    "AUTH-2",
  ),
  tlsrpt: check("authentication", "TLS reports are asked for", "TLS-Berichte werden erbeten", "RFC 8460 §3"),
} as const;
