import { Secret } from "../../base/secret.ts";
import { enterMaildrop, needsTls, refuseLogin } from "../login.ts";
import { negative } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Checks the password for the name USER gave and opens the maildrop. RFC 1939 §7 */
export const pass: Command = {
  when: "authorization",
  argument: "required",
  async run({ backend, facts, stage }, password) {
    if (facts.tls === undefined) return needsTls;
    if (stage.user === undefined) return { reply: negative("Send USER first"), fault: "syntax" };
    const result = await backend.authenticator(facts).password(stage.user, new Secret(password));
    return result.ok ? enterMaildrop(backend, result.identity) : refuseLogin(result.failure);
  },
};
