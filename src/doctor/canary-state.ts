/** Setting of the store the running server keeps this in. */
export const CANARY_SETTING = "doctor-canary";

/** The ways of a mail through the whole server, in their order. */
export const CANARY_HOPS = ["submission", "queue", "inbound", "reading"] as const;
export type CanaryHop = (typeof CANARY_HOPS)[number];

/** How the last mail through the whole server fared. */
export type CanaryState = {
  readonly at_ms: number;
  /** Empty where it arrived; else where it was lost, for the operator. */
  readonly lost: string;
  /** As far as it came. */
  readonly hops_ms: Readonly<Partial<Record<CanaryHop, number>>>;
  /** The operator knows that it is lost. */
  readonly told: boolean;
};

export const flown_ms = ({ hops_ms }: Pick<CanaryState, "hops_ms">): number =>
  CANARY_HOPS.reduce((sum, hop) => sum + (hops_ms[hop] ?? 0), 0);

/** `1.24 s (submission 0.30, queue 0.51, inbound 0.20, reading 0.23)` */
export function flightText(state: Pick<CanaryState, "hops_ms">): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  const hops = CANARY_HOPS.flatMap((hop) => {
    const ms = state.hops_ms[hop];
    return ms === undefined ? [] : [`${hop} ${seconds(ms)}`];
  });
  return `${seconds(flown_ms(state))} s (${hops.join(", ")})`;
}

/** Undefined where none has flown, or nobody can read how it fared. */
export function readCanary(text: string | undefined): CanaryState | undefined {
  try {
    const { at_ms, lost, hops_ms, told } = JSON.parse(text ?? "") as Partial<CanaryState>;
    if (typeof at_ms !== "number" || typeof lost !== "string" || typeof hops_ms !== "object")
      return undefined;
    const hops = Object.fromEntries(
      CANARY_HOPS.flatMap((hop) => {
        const ms: unknown = hops_ms?.[hop];
        return typeof ms === "number" ? [[hop, ms] as const] : [];
      }),
    );
    return { at_ms, lost, hops_ms: hops, told: told === true };
  } catch {
    return undefined;
  }
}
