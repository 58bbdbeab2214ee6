import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** UTF-8 mode: messages go out as they are, here as everywhere, so there is nothing to switch. RFC 6856 §2 */
export const utf8: Command = {
  when: "authorization",
  argument: "none",
  run: () => ({ reply: positive("UTF-8 mode") }),
};
