/** Figures of one kind. A counter's name stands without `_total`. */
export type MetricFamily = {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly Sample[];
};
export type Sample = { readonly labels: Labels; readonly value: number };
export type Labels = Readonly<Record<string, string>>;

/**
 * The text of all families.
 *
 *     exposition = metricset HASH SP eof [ LF ]
 *     sample     = metricname [ labels ] SP number
 *
 * OpenMetrics 1.0 §3 (draft-ietf-opsawg-openmetrics)
 */
export function openMetrics(families: readonly MetricFamily[]): string {
  const lines = families.flatMap(({ name, type, help, samples }) => [
    `# TYPE ${name} ${type}`,
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(
      ({ labels, value }) =>
        `${name}${type === "counter" ? "_total" : ""}${labelText(labels)} ${number(value)}`,
    ),
  ]);
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const number = (value: number): string => {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
};
