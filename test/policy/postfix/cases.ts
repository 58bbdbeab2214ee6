/** Rule sets with their sessions: drawn at random, each by its number, or written by hand. */
import fc from "fast-check";
import {
  RELAY,
  cleanSessions,
  randomRules,
  randomSession,
  SAMPLE,
  type Rules,
  type Session,
} from "./sessions.ts";

/** Sessions against the sample of the brief, which is the first set of rules. */
const SAMPLE_SESSIONS = 400;

export type Case = {
  /** Set 0 is the sample; the same number of the same seed is the same set with the same sessions. */
  readonly set: number;
  readonly rules: Rules;
  readonly sessions: readonly Session[];
};

export function randomCases(ruleSets: number, sessionsEach: number, seed: number): Case[] {
  const sets = [SAMPLE, ...fc.sample(randomRules, { numRuns: ruleSets, seed })];
  return sets.map((rules, set) => {
    const numRuns = set === 0 ? Math.min(SAMPLE_SESSIONS, sessionsEach * 20) : sessionsEach;
    return {
      set,
      rules,
      sessions: [...cleanSessions, ...fc.sample(randomSession, { numRuns, seed: seed + set })],
    };
  });
}

const NO_RULES: Rules = { client: "", helo: "", sender: "", relay: RELAY, recipient: "", data: "" };

/** `[{ "rules": { "client": "…" }, "sessions": [{ "sender": "…" }] }]`; what is left out is empty or without fault. */
export function casesByHand(text: string): Case[] {
  const written: { rules?: Partial<Rules>; sessions?: Partial<Session>[] }[] = JSON.parse(text);
  const [faultless] = cleanSessions;
  if (faultless === undefined) throw new Error("there is no session without fault");
  return written.map(({ rules = {}, sessions = [{}] }, set) => ({
    set,
    rules: { ...NO_RULES, ...rules },
    sessions: sessions.map((session) => ({ ...faultless, recipients: ["you@example.org"], ...session })),
  }));
}
