import type { AuthFailure, Exchange, Mechanism, SaslStep } from "../sasl/exchange.ts";
import type { Pop3Backend } from "./backend.ts";
import { parseBase64 } from "./grammar.ts";
import { POP3_LIMITS } from "./limits.ts";
import { enterMaildrop, refuseLogin } from "./login.ts";
import type { Authenticating, Confirming, Context, Outcome } from "./stage.ts";

const MALFORMED: AuthFailure = { kind: "malformed" };
const CANCELLED: AuthFailure = { kind: "cancelled" };

/** What AUTH offers now: nothing before TLS, channel binding only where the connection has one. RFC 5034 §3 */
export function offeredMechanisms({ backend, facts, channelBinding }: Context): readonly Mechanism[] {
  if (facts.tls === undefined) return [];
  const bound = channelBinding() !== undefined;
  return backend.mechanisms(facts).filter((mechanism) => bound || !mechanism.endsWith("-PLUS"));
}

/** What follows the mechanism's name: base64, `=` for an empty response, or nothing. RFC 5034 §4 */
export function decodeInitialResponse(text: string | undefined): Buffer | "none" | "malformed" {
  if (text === undefined) return "none";
  if (text === "=") return Buffer.alloc(0);
  return parseBase64(text, POP3_LIMITS.saslResponse_octets) ?? "malformed";
}

/** The client's line in the middle of an exchange: base64, or `*` to give up. RFC 5034 §4 */
export async function answerChallenge(
  backend: Pop3Backend,
  { exchange }: Authenticating,
  line: Buffer,
): Promise<Outcome> {
  if (line.length === 1 && line[0] === 0x2a) return refuseLogin(CANCELLED);
  const response = parseBase64(line.toString("latin1"), POP3_LIMITS.saslResponse_octets);
  return response === undefined
    ? refuseLogin(MALFORMED)
    : takeStep(backend, exchange, await exchange.step(response));
}

/** The client has seen the server's last word and agrees with an empty line. RFC 4422 §3.6 */
export async function confirm(
  backend: Pop3Backend,
  { identity }: Confirming,
  line: Buffer,
): Promise<Outcome> {
  return line.length === 0 ? enterMaildrop(backend, identity) : refuseLogin(CANCELLED);
}

/** Goes on with an exchange: a challenge, the open maildrop, or a refusal. */
export async function takeStep(backend: Pop3Backend, exchange: Exchange, step: SaslStep): Promise<Outcome> {
  switch (step.kind) {
    case "challenge":
      return {
        reply: { kind: "challenge", octets: step.octets },
        stage: { kind: "authenticating", exchange },
      };
    case "failure":
      return refuseLogin(step.failure);
    case "success":
      if (step.octets === undefined) return enterMaildrop(backend, step.identity);
      return {
        reply: { kind: "challenge", octets: step.octets },
        stage: { kind: "confirming", identity: step.identity },
      };
  }
}
