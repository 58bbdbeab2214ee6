import { z } from "zod";
import { ROUNDS_LIMITS } from "./limits.ts";
import type { Book } from "./news.ts";

const standing = z.object({
  told: z.enum(["unknown", "warn", "fail"]).optional(),
  unknown: z.int(),
  worse: z.int().optional(),
  well: z.int().optional(),
  alert: z.object({
    id: z.string(),
    kind: z.enum(["doctor-fail", "doctor-warn", "doctor-unknown"]),
    urgent: z.boolean(),
    values: z.record(z.string(), z.string()),
  }),
});
const saved = z.array(z.tuple([z.string(), standing])).max(ROUNDS_LIMITS.standingMax);

/** What is known of findings, for the next process. */
export const bookText = (book: Book): string => JSON.stringify([...book]);

/** Undefined where nothing is known yet, or not any more. */
export function readBook(text: string | undefined): Book | undefined {
  try {
    const entries = saved.parse(JSON.parse(text ?? ""));
    return new Map(
      entries.map(([key, { told, worse, well, ...rest }]) => [
        key,
        {
          ...rest,
          ...(told === undefined ? {} : { told }),
          ...(worse === undefined ? {} : { worse }),
          ...(well === undefined ? {} : { well }),
        },
      ]),
    );
  } catch {
    return undefined;
  }
}
