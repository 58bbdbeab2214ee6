import { BEFORE_LOGIN, plain } from "../command.ts";
import { bad, done } from "../completion.ts";

/**
 * STARTTLS. RFC 9051 §6.2.1. The tagged OK is written here, before the handshake; what the client sent behind the
 * command in clear ends the session (T-33).
 */
export const starttls = plain(BEFORE_LOGIN, async (session) => {
  const { startTls } = session.options;
  if (startTls === undefined || session.facts.tls !== undefined) return bad("TLS is not to be had here");
  return { ...done("Begin TLS now"), upgrade: startTls };
});
