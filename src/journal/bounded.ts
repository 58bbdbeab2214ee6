import { JOURNAL_LIMITS } from "./limits.ts";

/** How much of a value is kept. */
export type Measure = {
  readonly textMax: number;
  readonly listMax: number;
  readonly fieldsMax: number;
  /** Fields that are left out at any depth. */
  readonly without: readonly string[];
  /** Characters of everything together, roughly; the copy is given up where there is more. */
  readonly totalMax: number;
};
export type Bounded = { readonly value: unknown; readonly cut: boolean };

/** A copy fit for JSON within the measure: long texts end in a mark, long lists end early. Never throws. Undefined: too much. */
export function bounded(value: unknown, measure: Measure): Bounded | undefined {
  // Almost every record fits as it is; a copy would cost more than writing it.
  if (measure.without.length === 0 && fits(value, measure)) return { value, cut: false };
  let cut = false;
  let left = measure.totalMax;
  const text = (whole: string): string => {
    left -= Math.min(whole.length, measure.textMax);
    if (whole.length <= measure.textMax) return whole;
    cut = true;
    return `${whole.slice(0, measure.textMax).toWellFormed()}…`;
  };
  const first = <T>(items: readonly T[], max: number): readonly T[] => {
    if (items.length > max) cut = true;
    return items.slice(0, max);
  };
  const copy = (one: unknown, depth: number): unknown => {
    if (--left < 0) return null;
    if (typeof one === "string") return text(one);
    if (typeof one === "bigint") return String(one);
    if (one === null || typeof one === "boolean" || Number.isFinite(one)) return one;
    if (typeof one !== "object") return null;
    if (depth >= JOURNAL_LIMITS.depthMax) {
      cut = true;
      return null;
    }
    if (ArrayBuffer.isView(one)) {
      const octets = Buffer.from(one.buffer, one.byteOffset, Math.min(one.byteLength, measure.textMax));
      return text(octets.toString("base64"));
    }
    if (Array.isArray(one)) return first(one, measure.listMax).map((item) => copy(item, depth + 1));
    const plain = Object.getPrototypeOf(one) === Object.prototype || Object.getPrototypeOf(one) === null;
    // Whatever is no plain data says for itself how it is written: a secret says "[secret]".
    if (!plain) return text(ownText(one));
    const fields = Object.entries(one).filter(([, field]) => field !== undefined);
    const kept = fields.filter(([name]) => !measure.without.includes(name));
    if (kept.length < fields.length) cut = true;
    return Object.fromEntries(
      first(kept, measure.fieldsMax).map(([name, field]) => [text(name), copy(field, depth + 1)]),
    );
  };
  const whole = copy(value, 0);
  return left < 0 ? undefined : { value: whole, cut };
}

/** Plain data within the measure, so that JSON writes it as it is. Allocates nothing. */
function fits(value: unknown, { textMax, listMax, fieldsMax, totalMax }: Measure): boolean {
  let left = totalMax;
  const text = (whole: string): boolean => (left -= whole.length) >= 0 && whole.length <= textMax;
  const within = (one: unknown, depth: number): boolean => {
    if (--left < 0) return false;
    if (typeof one === "string") return text(one);
    if (one === null || one === undefined || typeof one === "boolean" || Number.isFinite(one)) return true;
    if (typeof one !== "object" || depth >= JOURNAL_LIMITS.depthMax) return false;
    if (Array.isArray(one)) {
      if (one.length > listMax) return false;
      for (const item of one as readonly unknown[]) if (!within(item, depth + 1)) return false;
      return true;
    }
    if (Object.getPrototypeOf(one) !== Object.prototype) return false;
    let fields = 0;
    for (const name in one) {
      if (++fields > fieldsMax || !text(name)) return false;
      if (!within(one[name as keyof typeof one], depth + 1)) return false;
    }
    return true;
  };
  return within(value, 0);
}

/** Of objects with a way to write themselves; others say nothing. */
function ownText(one: object): string {
  const written: unknown = "toJSON" in one && typeof one.toJSON === "function" ? one.toJSON() : "";
  return typeof written === "string" ? written : "";
}
