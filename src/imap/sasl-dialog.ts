import type { AuthFailure, ChannelBinding, Exchange, Identity } from "../sasl/exchange.ts";
import { startExchange } from "../sasl/start.ts";
import { done, no, type Completion } from "./completion.ts";
import { loggedIn, loginRefused } from "./events.ts";
import type { ImapSession } from "./session.ts";

/** Login without TLS is never looked at, whatever it says (E-02, S-71). */
export const privacyRequired = no("TLS is required before login", "PRIVACYREQUIRED");

/** Runs AUTHENTICATE: challenges and responses in base64 until it ends. RFC 9051 §6.2.2 */
export async function authenticate(
  session: ImapSession,
  name: string,
  initial: Buffer | undefined,
): Promise<Completion> {
  if (session.facts.tls === undefined) return privacyRequired;
  const offered = session.mechanisms;
  const mechanism = offered.find((known) => known === name.toUpperCase());
  if (mechanism === undefined) return no("That mechanism is not offered");
  const exchange = startExchange(
    mechanism,
    session.options.backend.authenticator(session.facts),
    bindingOf(session),
    offered,
  );
  return converse(session, exchange, initial);
}

function bindingOf({ connection }: ImapSession): ChannelBinding | undefined {
  const data = connection.exportedKey();
  return data === undefined ? undefined : { type: "tls-exporter", data };
}

async function converse(
  session: ImapSession,
  exchange: Exchange,
  initial: Buffer | undefined,
): Promise<Completion> {
  let step = await exchange.step(initial);
  while (step.kind === "challenge") {
    const answer = await respond(session, step.octets);
    if (answer === undefined) return refuse(session, { kind: "malformed" });
    step =
      answer === "cancelled"
        ? { kind: "failure", failure: { kind: "cancelled" } }
        : await exchange.step(answer);
  }
  if (step.kind === "failure") return refuse(session, step.failure);
  // SCRAM's last word has no room in the tagged OK: it goes as a challenge that wants an empty answer (RFC 4422 §3.6).
  if (step.octets !== undefined && (await respond(session, step.octets))?.length !== 0)
    return refuse(session, { kind: "malformed" });
  return enter(session, step.identity);
}

/** The login is good: the session becomes the account's. */
export async function enter(session: ImapSession, identity: Identity): Promise<Completion> {
  await session.login(identity);
  loggedIn(session.options.log, identity);
  return done("Logged in", `CAPABILITY ${session.capabilities}`);
}

async function respond(
  session: ImapSession,
  challenge: Uint8Array,
): Promise<Buffer | "cancelled" | undefined> {
  const { limits } = session.options;
  session.write(`+ ${Buffer.from(challenge).toString("base64")}\r\n`);
  session.resting = true;
  const line = await session.connection.readLine(limits.saslLine_octets, session.loginTimeLeft_ms);
  session.resting = false;
  if (line.kind !== "line" || line.bareLf) return undefined;
  const text = line.octets.toString("latin1");
  return text === "*" ? "cancelled" : strictBase64(text);
}

export function strictBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, "base64");
  return octets.toString("base64") === text ? octets : undefined;
}

/** One answer for wrong, unknown and disabled (D-27). */
export function refuse(session: ImapSession, failure: AuthFailure): Completion {
  session.failedLogins++;
  loginRefused(session.options.log, failure.kind);
  switch (failure.kind) {
    case "cancelled":
      return { status: "BAD", text: "Cancelled" };
    case "malformed":
      return { status: "BAD", text: "That is not a response of this mechanism" };
    case "throttled":
    case "unavailable":
      return no("Too many attempts, please try again later", "UNAVAILABLE");
    case "expired":
      return no("This password has expired, set a new one or use an app password", "EXPIRED");
    case "invalid":
      return no("Wrong login name or password", "AUTHENTICATIONFAILED");
  }
}
