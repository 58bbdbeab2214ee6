import { Secret } from "../../base/secret.ts";
import { prepare } from "../../sasl/prepare.ts";
import { BEFORE_LOGIN, type Command } from "../command.ts";
import { textOf } from "../cursor.ts";
import { enter, privacyRequired, refuse } from "../sasl-dialog.ts";

/** LOGIN. RFC 9051 §6.2.3 */
export const login: Command = {
  states: BEFORE_LOGIN,
  parse(cursor) {
    cursor.space();
    const user = prepare(textOf(cursor.astring()));
    cursor.space();
    const password = prepare(textOf(cursor.astring()));
    cursor.end();
    return async (session) => {
      if (session.facts.tls === undefined) return privacyRequired;
      if (user === undefined || password === undefined) return refuse(session, { kind: "invalid" });
      const result = await session.options.backend
        .authenticator(session.facts)
        .password(user, new Secret(password));
      if (!result.ok) return refuse(session, result.failure);
      return enter(session, result.identity);
    };
  },
};
