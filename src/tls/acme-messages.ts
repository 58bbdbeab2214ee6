import { z } from "zod";
import { err, ok, type Result } from "../base/result.ts";
import type { Problem } from "./acme-failure.ts";

/** What an authority says, read strictly and bounded: it is a stranger too. RFC 8555 §7.1 */
const url = z
  .string()
  .max(2048)
  .regex(/^https:\/\//);
const text = z.string().max(4096);
const NAMES_MAX = 100;

const baseProblem = z.object({
  type: text.optional(),
  detail: text.optional(),
  identifier: z.object({ value: text }).optional(),
});
/** RFC 8555 §6.7, with the subproblems of §6.7.1 one level deep. */
const problemSchema = baseProblem.extend({ subproblems: z.array(baseProblem).max(NAMES_MAX).optional() });

/** RFC 8555 §7.1.1, RFC 9773 §3 */
export const directorySchema = z.object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  revokeCert: url.optional(),
  renewalInfo: url.optional(),
  meta: z
    .object({
      termsOfService: text.optional(),
      externalAccountRequired: z.boolean().optional(),
      caaIdentities: z.array(text).max(NAMES_MAX).optional(),
    })
    .optional(),
});
export type Directory = z.infer<typeof directorySchema>;

/** RFC 8555 §7.1.2 */
export const accountSchema = z.object({ status: text });

/** RFC 8555 §7.1.3 */
export const orderSchema = z.object({
  status: z.enum(["pending", "ready", "processing", "valid", "invalid"]),
  identifiers: z.array(z.object({ type: text, value: text })).max(NAMES_MAX),
  authorizations: z.array(url).max(NAMES_MAX),
  finalize: url,
  certificate: url.optional(),
  error: problemSchema.optional(),
});
export type Order = z.infer<typeof orderSchema>;

/** RFC 8555 §8: the token has at least 128 bits and only base64url. */
const challengeSchema = z.object({
  type: text,
  url,
  status: text,
  token: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,512}$/)
    .optional(),
  error: problemSchema.optional(),
});

/** RFC 8555 §7.1.4 */
export const authorizationSchema = z.object({
  status: z.enum(["pending", "valid", "invalid", "deactivated", "expired", "revoked"]),
  identifier: z.object({ type: text, value: text }),
  wildcard: z.boolean().optional(),
  challenges: z.array(challengeSchema).max(NAMES_MAX),
});
export type Authorization = z.infer<typeof authorizationSchema>;

/** RFC 9773 §4.2 */
export const renewalInfoSchema = z.object({
  suggestedWindow: z.object({ start: text, end: text }),
  explanationURL: text.optional(),
});

/** Reads a JSON body by its schema; the error names the first thing that is wrong. */
export function readMessage<T>(schema: z.ZodType<T>, body: string): Result<T, string> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("the answer is not JSON");
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return err(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unreadable"}`);
}

/** A problem document, or nothing where the body is none. RFC 7807 §3 */
export function readProblem(body: string): Problem {
  const problem = readMessage(problemSchema, body);
  return problem.ok ? problem.value : {};
}

/** Retry-After in milliseconds from now: seconds or a date. RFC 9110 §10.2.3 */
export function readRetryAfter(value: string | undefined, now_ms: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  // `Date.parse` makes a date of almost anything, "-1" included; HTTP's begin with a day.
  const date = /^[A-Z][a-z]{2,8},? [A-Za-z0-9: -]{1,40}$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now_ms);
}
