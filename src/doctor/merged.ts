import { findingsOf } from "./kept-findings.ts";
import { reportJson, type DoctorReport } from "./report-json.ts";

/** A full report with what a later light one saw in place of what it saw itself. In English: texts are made anew when shown. */
export function mergedReport(full: DoctorReport, light: DoctorReport): DoctorReport {
  const place = ({ check, subject }: { check: string; subject: string }): string => `${check} ${subject}`;
  const seen = new Set(light.findings.map(place));
  const findings = [...full.findings.filter((one) => !seen.has(place(one))), ...light.findings];
  return reportJson(
    findingsOf({ findings }),
    "en",
    findingsOf({ findings: light.expected ?? full.expected ?? [] }),
  );
}
