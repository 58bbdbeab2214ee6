import type { AuthFailure, Identity } from "../sasl/exchange.ts";
import type { Pop3Backend } from "./backend.ts";
import { negative, positive } from "./reply.ts";
import type { Outcome } from "./stage.ts";

/** What every login command says before TLS: no credential crosses an open line. RFC 2595 §2.3 */
export const needsTls: Outcome = {
  reply: negative("Encryption is required: send STLS first"),
  fault: "syntax",
};

/** Opens the maildrop of someone who has proved who he is, or leaves the session where it was. RFC 2449 §8.1 */
export async function enterMaildrop(backend: Pop3Backend, identity: Identity): Promise<Outcome> {
  const opened = await backend.open(identity);
  const stage = { kind: "authorization" } as const;
  if (!opened.ok && opened.error === "in-use") {
    return { reply: negative("Another session has this maildrop open", "IN-USE"), stage, identity };
  }
  if (!opened.ok)
    return { reply: negative("The maildrop cannot be opened now", "SYS/TEMP"), stage, identity };
  const { messages } = opened.value;
  return {
    reply: positive(
      `${messages.length} messages (${messages.reduce((sum, m) => sum + m.size_octets, 0)} octets)`,
    ),
    stage: { kind: "transaction", maildrop: opened.value, deleted: new Set() },
    identity,
  };
}

/**
 * One reply for unknown name, wrong password, disabled account and a throttled client (D-27). RFC 3206 §4:
 * AUTH asks the user for other credentials, SYS/TEMP does not.
 */
export function refuseLogin(failure: AuthFailure): Outcome {
  const stage = { kind: "authorization" } as const;
  switch (failure.kind) {
    case "unavailable":
      return { reply: negative("Login is not possible now", "SYS/TEMP"), stage };
    case "malformed":
      return { reply: negative("Malformed response"), stage, fault: "syntax" };
    case "cancelled":
      return { reply: negative("Authentication cancelled"), stage, fault: "syntax" };
    case "expired":
      return { reply: negative("This password has expired, set a new one", "AUTH"), stage, fault: "login" };
    case "invalid":
    case "throttled":
      return { reply: negative("Login failed", "AUTH"), stage, fault: "login" };
  }
}
