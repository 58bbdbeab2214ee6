import type { DoctorReport } from "./report-json.ts";

const VALUES: Readonly<Record<string, number>> = { ok: 0, unknown: 1, warn: 2, fail: 3 };

/** For a text file that node_exporter reads: OpenMetrics' simple part, one series for each check and subject. */
export function reportPrometheus(report: DoctorReport): string {
  const lines = [
    "# HELP wachpost_doctor_score Score of the examination, 0 to 100.",
    "# TYPE wachpost_doctor_score gauge",
    `wachpost_doctor_score ${report.score}`,
    "# HELP wachpost_doctor_findings Findings by grade.",
    "# TYPE wachpost_doctor_findings gauge",
    ...Object.entries(report.counts).map(
      ([grade, count]) => `wachpost_doctor_findings{grade="${grade}"} ${count}`,
    ),
    "# HELP wachpost_doctor_check Grade of a check: 0 ok, 1 unknown, 2 warn, 3 fail.",
    "# TYPE wachpost_doctor_check gauge",
  ];
  const worst = new Map<string, number>();
  for (const { check, subject, grade } of report.findings) {
    const labels = `{check="${check}",subject="${escaped(subject)}"}`;
    worst.set(labels, Math.max(worst.get(labels) ?? 0, VALUES[grade] ?? 1));
  }
  for (const [labels, value] of worst) lines.push(`wachpost_doctor_check${labels} ${value}`);
  return lines.join("\n");
}

const escaped = (text: string): string => text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
