import { reply, type Reply } from "../reply.ts";

/** NOOP: nothing, with any argument. RFC 5321 §4.1.1.9 */
export const noop = (): Reply => reply(250, "2.0.0", "Ok");
