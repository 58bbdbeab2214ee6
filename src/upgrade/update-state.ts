import type { KeyObject } from "node:crypto";
import type { Result } from "../base/result.ts";
import { openFeed, releaseOf, updateFor, type FeedFault, type Release } from "./feed.ts";

/** Setting of the store this is kept in. */
export const UPDATE_SETTING = "update-state";

/** What is known of newer versions. */
export type UpdateState = {
  /** When the newest feed that was believed was signed; 0: none yet. */
  readonly made_ms: number;
  readonly expires_ms: number;
  /** When one was believed last. */
  readonly checked_ms: number;
  readonly releases: readonly Release[];
  /** Why the last look came to nothing. */
  readonly fault?: string;
};

const NONE: UpdateState = { made_ms: 0, expires_ms: 0, checked_ms: 0, releases: [] };

export function readUpdateState(text: string | undefined): UpdateState {
  try {
    const { made_ms, expires_ms, checked_ms, releases, fault } = JSON.parse(
      text ?? "",
    ) as Partial<UpdateState>;
    if (typeof made_ms !== "number" || typeof expires_ms !== "number" || typeof checked_ms !== "number")
      return NONE;
    return {
      made_ms,
      expires_ms,
      checked_ms,
      releases: Array.isArray(releases) ? releases.flatMap((one) => releaseOf(one) ?? []) : [],
      ...(typeof fault === "string" ? { fault } : {}),
    };
  } catch {
    return NONE;
  }
}

const FAULTS: Readonly<Record<FeedFault, string>> = {
  "too-long": "it is longer than 1 MB",
  malformed: "it is no list of releases",
  signature: "it is not signed with the key of updates.key",
  expired: "it has expired: newer ones may have been held back",
  ahead: "it was signed in the future: a clock is wrong, here or there",
  replayed: "it is older than one that was seen before: newer ones may have been held back",
};

/** What is known after a look, whatever came of it. Only newer releases than `version` are kept. */
export function afterLook(
  before: UpdateState,
  got: Result<string, string>,
  { key, version, now_ms }: { readonly key: KeyObject; readonly version: string; readonly now_ms: number },
): UpdateState {
  const { fault: _, ...known } = before;
  if (!got.ok) return { ...known, fault: got.error };
  const feed = openFeed(got.value, key, now_ms, before.made_ms);
  if (!feed.ok) return { ...known, fault: FAULTS[feed.error] };
  const update = updateFor(version, feed.value.releases);
  const { made_ms, expires_ms } = feed.value;
  return { made_ms, expires_ms, checked_ms: now_ms, releases: update === undefined ? [] : [update] };
}

/** The release that `version` should give way to. */
export const pendingUpdate = (state: UpdateState, version: string): Release | undefined =>
  updateFor(version, state.releases);
