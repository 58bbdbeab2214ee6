import { ANY, plain } from "../command.ts";
import { done } from "../completion.ts";

/** NOOP: a chance to be told what changed. RFC 9051 §6.1.2 */
export const noop = plain(ANY, async () => done("Done"));
