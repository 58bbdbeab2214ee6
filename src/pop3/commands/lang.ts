import { asciiLower } from "../../base/ascii.ts";
import { negative, positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Replies speak English; LANG says so. RFC 6856 §3 */
export const lang: Command = {
  when: "any",
  argument: "optional",
  run(_, argument) {
    if (argument === "") {
      return { reply: { kind: "listing", text: "Languages follow", lines: ["en English"] } };
    }
    const known = argument === "*" || /^en(-|$)/.test(asciiLower(argument));
    return { reply: known ? positive("en Replies are in English") : negative("No such language") };
  },
};
