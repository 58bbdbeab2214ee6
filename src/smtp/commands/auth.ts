import { asciiUpper } from "../../base/ascii.ts";
import type { AuthFailure, Exchange, Mechanism } from "../../sasl/exchange.ts";
import { startExchange } from "../../sasl/start.ts";
import { syntax } from "../answers.ts";
import type { SmtpSessionFacts } from "../backend.ts";
import { reply, type Reply } from "../reply.ts";
import type { At, Move, Said, SessionSetting } from "../state.ts";

/** What AUTH offers now: on submission, inside TLS, before a login. RFC 4954 §3, T-02, S-15 */
export function offeredMechanisms(facts: SmtpSessionFacts, setting: SessionSetting): readonly Mechanism[] {
  if (facts.profile !== "submission" || facts.tls === undefined || facts.identity !== undefined) return [];
  const bound = setting.channelBinding() !== undefined;
  return setting.backend.mechanisms(facts).filter((mechanism) => bound || !mechanism.endsWith("-PLUS"));
}

/**
 * AUTH: an exchange begins. RFC 4954 §4
 *
 *     auth-command     = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF cancel-response] CRLF
 *     initial-response = base64 / "="
 */
export async function auth({ facts, setting, argument }: Said<At<"greeted">>): Promise<Reply | Move> {
  if (facts.profile !== "submission")
    return reply(502, "5.5.1", "AUTH is not available here", "auth-unavailable");
  if (facts.tls === undefined) {
    return reply(538, "5.7.11", "Encryption required: say STARTTLS first", "tls-required");
  }
  if (facts.identity !== undefined) return reply(503, "5.5.1", "Already logged in", "out-of-sequence");
  const [name = "", initial, extra] = argument.split(" ");
  if (name === "" || extra !== undefined) return syntax("AUTH mechanism [initial-response]");
  const offered = offeredMechanisms(facts, setting);
  const mechanism = offered.find((one) => one === asciiUpper(name));
  if (mechanism === undefined) return reply(504, "5.5.4", "Mechanism not available", "unknown-mechanism");
  const response =
    initial === "=" ? Buffer.alloc(0) : initial === undefined ? undefined : decodeBase64(initial);
  if (initial !== undefined && response === undefined) return notBase64;
  const authenticator = setting.backend.authenticator(facts);
  return proceed(startExchange(mechanism, authenticator, setting.channelBinding(), offered), response);
}

/** A line after `334`. RFC 4954 §4 */
export async function authResponse({ stage, argument }: Said<At<"authenticating">>): Promise<Move> {
  if (argument === "*") return failed({ kind: "cancelled" });
  const response = decodeBase64(argument);
  if (response === undefined) return notBase64;
  if (stage.identity === undefined) return proceed(stage.exchange, response);
  return response.length === 0 ? loggedIn(stage.identity) : failed({ kind: "malformed" });
}

async function proceed(exchange: Exchange, response: Uint8Array | undefined): Promise<Move> {
  const step = await exchange.step(response);
  if (step.kind === "failure") return failed(step.failure);
  if (step.kind === "challenge") return { kind: "challenge", reply: challenge(step.octets), exchange };
  if (step.octets === undefined) return loggedIn(step.identity);
  // RFC 4954 §4: 235 has no room for the server's last word, so it goes as a challenge of its own.
  return { kind: "challenge", reply: challenge(step.octets), exchange, identity: step.identity };
}

const challenge = (octets: Uint8Array): Reply => ({
  code: 334,
  lines: [Buffer.from(octets).toString("base64")],
});

const loggedIn = (identity: Extract<Move, { kind: "login" }>["identity"]): Move => ({
  kind: "login",
  reply: reply(235, "2.7.0", "Authentication successful"),
  identity,
});

const failed = (failure: AuthFailure): Move => ({ kind: "login-failed", reply: FAILURES[failure.kind] });

/** The same words whoever fails for whatever reason (D-27). */
const FAILURES: Readonly<Record<AuthFailure["kind"], Reply>> = {
  invalid: reply(535, "5.7.8", "Authentication failed", "login-failed"),
  throttled: reply(454, "4.7.0", "Too many failed logins, try again later", "login-throttled"),
  expired: reply(
    535,
    "5.7.8",
    "This password has expired: set a new one with `wachpost account password`, or use an app password",
    "login-expired",
  ),
  malformed: reply(501, "5.5.2", "Authentication exchange is malformed", "login-malformed"),
  cancelled: reply(501, "5.7.0", "Authentication cancelled", "login-cancelled"),
  unavailable: reply(
    454,
    "4.7.0",
    "Authentication is not available now, try again later",
    "login-unavailable",
  ),
};

const notBase64: Move = { kind: "login-failed", reply: reply(501, "5.5.2", "Not base64", "login-malformed") };

/** Strict: no white space, no missing padding, no stray bits. RFC 4648 §3.2 to 3.5 */
function decodeBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, "base64");
  return octets.toString("base64") === text ? octets : undefined;
}
