import { CANARY_HOPS, type CanaryState } from "../doctor/canary-state.ts";
import type { DoctorReport } from "../doctor/report-json.ts";
import type { MetricFamily } from "../web/open-metrics.ts";

/** What the server found of itself, as figures for the web door. */
export class RoundFigures {
  #report: { readonly report: DoctorReport; readonly at_ms: number } | undefined;

  #canary: CanaryState | undefined;

  examined(report: DoctorReport, at_ms: number): void {
    this.#report = { report, at_ms };
  }

  flown(canary: CanaryState): void {
    this.#canary = canary;
  }

  families(): readonly MetricFamily[] {
    return [
      ...(this.#report === undefined ? [] : examinationFamilies(this.#report.report, this.#report.at_ms)),
      ...(this.#canary === undefined ? [] : canaryFamilies(this.#canary)),
    ];
  }
}

const examinationFamilies = ({ score, counts }: DoctorReport, at_ms: number): readonly MetricFamily[] => [
  gauge("wachpost_examination_score", "Score of the last full examination by the server itself, 0 to 100.", [
    { labels: {}, value: score },
  ]),
  gauge(
    "wachpost_examination_findings",
    "Findings of that examination by grade.",
    Object.entries(counts).map(([grade, value]) => ({ labels: { grade }, value })),
  ),
  gauge("wachpost_examination_timestamp_seconds", "When it was.", [{ labels: {}, value: at_ms / 1000 }]),
];

const canaryFamilies = ({ at_ms, lost, hops_ms }: CanaryState): readonly MetricFamily[] => [
  gauge("wachpost_canary_up", "1 where the last mail of the server to itself got through.", [
    { labels: {}, value: lost === "" ? 1 : 0 },
  ]),
  gauge(
    "wachpost_canary_seconds",
    "What it took for each part of the way.",
    CANARY_HOPS.flatMap((hop) => {
      const ms = hops_ms[hop];
      return ms === undefined ? [] : [{ labels: { hop }, value: ms / 1000 }];
    }),
  ),
  gauge("wachpost_canary_timestamp_seconds", "When it was sent.", [{ labels: {}, value: at_ms / 1000 }]),
];

const gauge = (name: string, help: string, samples: MetricFamily["samples"]): MetricFamily => ({
  name,
  type: "gauge",
  help,
  samples,
});
