import { BEFORE_LOGIN, type Command } from "../command.ts";
import { authenticate as runExchange, refuse, strictBase64 } from "../sasl-dialog.ts";

/** AUTHENTICATE with SASL-IR. RFC 9051 §6.2.2, RFC 4959 */
export const authenticate: Command = {
  states: BEFORE_LOGIN,
  parse(cursor) {
    cursor.space();
    const mechanism = cursor.atom();
    const initial = cursor.take(" ") ? (cursor.match(/=|[A-Za-z0-9+/=]+/y) ?? "?") : undefined;
    cursor.end();
    return async (session) => {
      if (initial === undefined) return runExchange(session, mechanism, undefined);
      // RFC 4959 §3: "=" is an initial response of no octets.
      const octets = initial === "=" ? Buffer.alloc(0) : strictBase64(initial);
      return octets === undefined
        ? refuse(session, { kind: "malformed" })
        : runExchange(session, mechanism, octets);
    };
  },
};
