import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";
import { needsTls } from "../login.ts";

/** Takes a login name; says nothing about whether it exists (D-27). RFC 1939 §7 */
export const user: Command = {
  when: "authorization",
  argument: "required",
  run: ({ facts }, name) =>
    facts.tls === undefined
      ? needsTls
      : { reply: positive("Send PASS"), stage: { kind: "authorization", user: name } },
};
