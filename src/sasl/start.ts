import type { Authenticator, ChannelBinding, Exchange, Mechanism, SaslStep } from "./exchange.ts";
import { loginExchange } from "./login.ts";
import { plainExchange } from "./plain.ts";
import { scramExchange } from "./scram.ts";

/**
 * Begins an authentication. `offered` is what the session announced: SCRAM must know whether -PLUS was among it to
 * see a downgrade (RFC 5802 §6).
 */
export function startExchange(
  mechanism: Mechanism,
  authenticator: Authenticator,
  binding: ChannelBinding | undefined,
  offered: readonly Mechanism[],
): Exchange {
  return ending(begin(mechanism, authenticator, binding, offered));
}

/** What has ended stays ended: one exchange is one attempt. */
function ending(exchange: Exchange): Exchange {
  let ended = false;
  return {
    async step(response): Promise<SaslStep> {
      if (ended) return { kind: "failure", failure: { kind: "malformed" } };
      const step = await exchange.step(response);
      ended = step.kind !== "challenge";
      return step;
    },
  };
}

function begin(
  mechanism: Mechanism,
  authenticator: Authenticator,
  binding: ChannelBinding | undefined,
  offered: readonly Mechanism[],
): Exchange {
  switch (mechanism) {
    case "PLAIN":
      return plainExchange(authenticator);
    case "LOGIN":
      return loginExchange(authenticator);
    case "SCRAM-SHA-256":
      return scramExchange(authenticator, {
        plus: false,
        binding,
        plusOffered: offered.includes("SCRAM-SHA-256-PLUS"),
      });
    case "SCRAM-SHA-256-PLUS":
      return scramExchange(authenticator, { plus: true, binding, plusOffered: true });
  }
}
