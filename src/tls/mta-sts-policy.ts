import { parseDomain, type Domain } from "../base/domain-name.ts";
import { err, ok, type Result } from "../base/result.ts";

/** What a domain demands of those who send to it. RFC 8461 §3.2 */
export type MtaStsPolicy = {
  readonly mode: "enforce" | "testing" | "none";
  readonly maxAge_s: number;
  /** Host names, or `*.` and a domain for one label more. */
  readonly mx: readonly MxPattern[];
};
export type MxPattern = { readonly wildcard: boolean; readonly domain: Domain };

/** RFC 8461 §3.3 suggests 64 KB for the whole file. */
export const POLICY_OCTETS_MAX = 64 * 1024;
/** RFC 8461 §3.2: about a year. */
const MAX_AGE_MAX_S = 31_557_600;
/** Large providers list fewer than ten. */
const MX_MAX = 100;

const MODES = ["enforce", "testing", "none"] as const;

/**
 * Reads a policy file. Unknown keys are passed over; of a key given twice the first counts, `mx` aside.
 *
 *     sts-policy-record   = sts-policy-field *WSP *(sts-policy-term sts-policy-field *WSP) [sts-policy-term]
 *     sts-policy-mx-value = ["*."] Domain
 *     sts-policy-term     = LF / CRLF
 *
 * RFC 8461 §3.2. Total: the error says what is wrong.
 */
export function parseMtaStsPolicy(text: string): Result<MtaStsPolicy, string> {
  if (text.length > POLICY_OCTETS_MAX) return err("longer than 64 KB");
  const fields = new Map<string, string>();
  const mx: MxPattern[] = [];
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon < 0) {
      if (line.trim() !== "") return err("a line without a colon");
      continue;
    }
    const key = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (key !== "mx") {
      if (!fields.has(key)) fields.set(key, value);
      continue;
    }
    const pattern = parsePattern(value);
    if (pattern === undefined) return err("an mx that is no host name");
    if (mx.length < MX_MAX) mx.push(pattern);
  }
  return assemble(fields, mx);
}

function assemble(
  fields: ReadonlyMap<string, string>,
  mx: readonly MxPattern[],
): Result<MtaStsPolicy, string> {
  if (fields.get("version") !== "STSv1") return err("version is not STSv1");
  const mode = MODES.find((one) => one === fields.get("mode"));
  if (mode === undefined) return err("mode is not enforce, testing or none");
  const age = fields.get("max_age") ?? "";
  if (!/^[0-9]{1,10}$/.test(age)) return err("max_age is not a number of seconds");
  if (mode !== "none" && mx.length === 0) return err("no mx");
  return ok({ mode, maxAge_s: Math.min(Number(age), MAX_AGE_MAX_S), mx });
}

/** A- and U-labels are the same name (T-51). */
function parsePattern(text: string): MxPattern | undefined {
  const wildcard = text.startsWith("*.");
  const domain = parseDomain(wildcard ? text.slice(2) : text);
  return domain === undefined ? undefined : { wildcard, domain };
}

/** True where the policy names this mail host; a wildcard stands for exactly one label. RFC 8461 §4.1 */
export function policyNames({ mx }: MtaStsPolicy, host: string): boolean {
  const name = parseDomain(host);
  if (name === undefined) return false;
  const parent = name.slice(name.indexOf(".") + 1);
  return mx.some(({ wildcard, domain }) =>
    wildcard ? name.includes(".") && parent === domain : name === domain,
  );
}

/** The policy in its own words, for reports. RFC 8460 §4.4 */
export const policyLines = ({ mode, maxAge_s, mx }: MtaStsPolicy): readonly string[] => [
  "version: STSv1",
  `mode: ${mode}`,
  ...mx.map(({ wildcard, domain }) => `mx: ${wildcard ? "*." : ""}${domain}`),
  `max_age: ${maxAge_s}`,
];
