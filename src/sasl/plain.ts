import { Secret } from "../base/secret.ts";
import type { Authenticator, Exchange, SaslStep } from "./exchange.ts";
import { decodeUtf8, prepare } from "./prepare.ts";

const malformed: SaslStep = { kind: "failure", failure: { kind: "malformed" } };

/**
 * PLAIN. RFC 4616 §2
 *
 *     message = [authzid] UTF8NUL authcid UTF8NUL passwd
 *
 * Deviation: an authorization identity other than the login itself is refused; nobody here acts for another.
 */
export function plainExchange(authenticator: Authenticator): Exchange {
  let asked = false;
  return {
    async step(response) {
      if (response === undefined && asked) return malformed;
      asked = true;
      if (response === undefined) return { kind: "challenge", octets: new Uint8Array(0) };
      const parts = decodeUtf8(response)?.split("\0");
      if (parts?.length !== 3) return malformed;
      const [authzid = "", authcid = "", passwd = ""] = parts;
      const login = prepare(authcid);
      const password = prepare(passwd);
      if (login === undefined || password === undefined) return malformed;
      if (authzid !== "" && prepare(authzid) !== login) return malformed;
      const result = await authenticator.password(login, new Secret(password));
      return result.ok
        ? { kind: "success", identity: result.identity }
        : { kind: "failure", failure: result.failure };
    },
  };
}
