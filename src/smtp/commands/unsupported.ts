import { reply, type Reply } from "../reply.ts";

/** EXPN, ETRN, TURN and their like: known, never done. RFC 5321 §7.3, T-05 */
export const unsupported = (): Reply => reply(502, "5.5.1", "Command not implemented", "not-implemented");
