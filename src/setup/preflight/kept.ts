import { z } from "zod";
import {
  PREFLIGHT_NOTES,
  PREFLIGHT_TITLES,
  type PreflightNote,
  type PreflightTitle,
} from "../words/preflight.ts";
import type { PreflightFinding } from "./finding.ts";

const keysOf = <Key extends string>(words: Readonly<Record<Key, unknown>>): [Key, ...Key[]] =>
  Object.keys(words) as [Key, ...Key[]];

/** What a preflight found, as the state of a setup keeps it. */
export const keptFindingSchema = z
  .object({
    check: z.enum(keysOf<PreflightTitle>(PREFLIGHT_TITLES)),
    grade: z.enum(["ok", "warn", "fail", "unknown"]),
    evidence: z.string(),
    note: z.enum(keysOf<PreflightNote>(PREFLIGHT_NOTES)),
    values: z.record(z.string(), z.string()),
  })
  .readonly();

/** Findings that are not ok, as they are kept. */
export const keptOf = (findings: readonly PreflightFinding[]): z.infer<typeof keptFindingSchema>[] =>
  findings.flatMap(({ note, ...finding }) => (note === undefined ? [] : [{ ...finding, note }]));
