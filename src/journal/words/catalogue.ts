import { DELIVERY_REASONS } from "./delivery-reasons.ts";
import { DIALOGUE_REASONS } from "./dialogue-reasons.ts";
import type { ReasonWords } from "./language.ts";
import { LOGIN_REASONS } from "./login-reasons.ts";
import { POLICY_REASONS } from "./policy-reasons.ts";
import { PROVIDER_REASONS } from "./provider-reasons.ts";
import { SESSION_REASONS } from "./session-reasons.ts";
import { TABLE_REASONS } from "./table-reasons.ts";

const REASONS: ReadonlyMap<string, ReasonWords> = new Map(
  Object.entries<ReasonWords>({
    ...DELIVERY_REASONS,
    ...PROVIDER_REASONS,
    ...POLICY_REASONS,
    ...TABLE_REASONS,
    ...DIALOGUE_REASONS,
    ...LOGIN_REASONS,
    ...SESSION_REASONS,
  }),
);

/** The words for a reason constant; undefined for one that nobody has put into words. */
export const wordsOf = (reason: string): ReasonWords | undefined => REASONS.get(reason);

/** Every reason that has words, for the tests. */
export const reasonsWithWords = (): readonly string[] => [...REASONS.keys()];
