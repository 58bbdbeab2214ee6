/** How far a promotion has come, for whoever finds it interrupted; and how the last one ended. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../base/operator-error.ts";
import { settingsDirectory } from "../config/tried.ts";
import { syncDirectory } from "./machine-file.ts";
import { createOurs, readOurs, writeOurs } from "./machine-kept.ts";
import { isAlive } from "./machine-server.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const journal = z.object({
  pid: z.int(),
  at_ms: z.number(),
  /** The configuration file that is replaced. */
  file: z.string(),
  /** What it said and what it is to say: digests of the texts. */
  before: hash,
  after: hash,
  /** Of the history: where the text of before is kept. */
  kept: z.int(),
  /** Whether there is a server that has to take it up, and the command for that; absent: the operator does it. */
  runs: z.boolean(),
  restart: z.string().optional(),
  wait_ms: z.int(),
  /** Checks and subjects that were not in order before; absent: nobody looked. */
  notWell: z.array(z.string()).optional(),
  /** Why it is being undone; absent: it is not. */
  undoing: z.string().optional(),
});
export type PromotionJournal = z.infer<typeof journal>;

const outcome = z.object({
  at_ms: z.number(),
  result: z.enum(["promoted", "rolled-back", "abandoned"]),
  /** Of the history: what was replaced. */
  kept: z.int(),
  reason: z.string().optional(),
  /** No server ran: the next start takes the settings up. */
  waits: z.literal(true).optional(),
});
export type Outcome = z.infer<typeof outcome>;

export const textDigest = (text: string): string => createHash("sha256").update(text).digest("hex");

const journalFile = (data: string): string => join(settingsDirectory(data), "promotion.json");
const outcomeFile = (data: string): string => join(settingsDirectory(data), "outcome.json");

/** Of a promotion that is under way or was interrupted. */
export const openJournal = (data: string): PromotionJournal | undefined =>
  journal.safeParse(readJson(journalFile(data))).data;

export const isInterrupted = ({ pid }: PromotionJournal): boolean => pid === process.pid || !isAlive(pid);

/** One at a time. */
export function refuseSecond(data: string): void {
  const open = openJournal(data);
  if (open !== undefined && !isInterrupted(open)) throw underWay();
}

const underWay = (): OperatorError =>
  new OperatorError(
    "promotion-under-way",
    "Another configuration is being applied just now.",
    "Wait for it; `wachpost config status` tells how far it is.",
  );

/** Whoever comes second is told so. */
export function beginJournal(data: string, entry: PromotionJournal): void {
  if (!createOurs(journalFile(data), textOf(entry))) throw underWay();
}

export const writeJournal = (data: string, entry: PromotionJournal): void =>
  writeOurs(journalFile(data), textOf(entry));

const textOf = (entry: PromotionJournal | Outcome): string => `${JSON.stringify(entry)}\n`;

export function closeJournal(data: string, ended: Outcome): void {
  writeOurs(outcomeFile(data), textOf(ended));
  rmSync(journalFile(data), { force: true });
  syncDirectory(settingsDirectory(data));
}

export const lastOutcome = (data: string): Outcome | undefined =>
  outcome.safeParse(readJson(outcomeFile(data))).data;

function readJson(file: string): unknown {
  try {
    return JSON.parse(readOurs(file)?.text ?? "");
  } catch {
    return undefined;
  }
}
