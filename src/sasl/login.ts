import { Secret } from "../base/secret.ts";
import type { Authenticator, Exchange, SaslStep } from "./exchange.ts";
import { decodeUtf8, prepare } from "./prepare.ts";

const malformed: SaslStep = { kind: "failure", failure: { kind: "malformed" } };
const challenge = (text: string): SaslStep => ({ kind: "challenge", octets: Buffer.from(text, "latin1") });

/** LOGIN, the obsolete pair of questions that Outlook still wants (draft-murchison-sasl-login; E-26). */
export function loginExchange(authenticator: Authenticator): Exchange {
  let login: string | undefined;
  return {
    async step(response) {
      if (response === undefined) return login === undefined ? challenge("Username:") : malformed;
      const text = prepare(decodeUtf8(response) ?? "");
      if (text === undefined) return malformed;
      if (login === undefined) {
        login = text;
        return challenge("Password:");
      }
      const result = await authenticator.password(login, new Secret(text));
      return result.ok
        ? { kind: "success", identity: result.identity }
        : { kind: "failure", failure: result.failure };
    },
  };
}
