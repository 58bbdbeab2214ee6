import { ANY, SELECTED, plain } from "../command.ts";
import { done } from "../completion.ts";

/** NOOP: a chance to be told what changed. RFC 9051 §6.1.2 */
export const noop = plain(ANY, async () => done("Done"));

/** CHECK: a checkpoint, which a store that commits everything does not need. RFC 3501 §6.4.1 */
export const check = plain(SELECTED, async () => done("Done"));
