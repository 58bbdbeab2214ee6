import { reply, type Reply } from "../reply.ts";

/** HELP: names neither product nor version (T-01). RFC 5321 §4.1.1.8 */
export const help = (): Reply => reply(214, "2.0.0", "See RFC 5321; questions to postmaster");
