import { remembered } from "../base/remembered.ts";
import type { Profile } from "./backend.ts";
import type { IntakeFault } from "./intake.ts";
import { closing, constant, reply, type Reply } from "./reply.ts";
import type { StageName } from "./state.ts";

/** Replies that more than one place gives. RFC 5321 §4.2, RFC 3463, RFC 5248 */

export const greeting = (hostName: string, profile: Profile): Reply =>
  profile === "lmtp" ? lmtpGreeting(hostName) : smtpGreeting(hostName);

const smtpGreeting = remembered(4, (hostName) => constant({ code: 220, lines: [`${hostName} ESMTP`] }));
const lmtpGreeting = remembered(4, (hostName) => constant({ code: 220, lines: [`${hostName} LMTP`] }));

/** RFC 7504: nothing is taken on this connection. */
export const spokeTooEarly = closing(
  reply(521, "5.5.1", "Protocol error: you talked before the banner", "early-talk"),
);

export const unknownCommand = reply(500, "5.5.2", "Command not recognised", "unknown-command");
export const commandTooLong = reply(500, "5.5.6", "Line too long", "line-too-long");
export const bareLineFeed = reply(500, "5.5.2", "Command lines must end with CR LF", "bare-lf-command");
export const unprintable = reply(500, "5.5.2", "Command has control characters or is not UTF-8", "not-text");

export const noArgument = (verb: string): Reply =>
  reply(501, "5.5.4", `${verb} takes no argument`, "unexpected-argument");
export const syntax = (form: string): Reply => reply(501, "5.5.4", `Syntax: ${form}`, "bad-argument");

/** A verb was said where the table does not have it. */
export function outOfSequence(stage: StageName, profile: Profile): Reply {
  return reply(503, "5.5.1", SEQUENCE[stage](profile), "out-of-sequence");
}

const SEQUENCE: Readonly<Record<StageName, (profile: Profile) => string>> = {
  connected: (profile) => `Say ${profile === "lmtp" ? "LHLO" : "EHLO"} first`,
  greeted: () => "Say MAIL first",
  authenticating: () => "Finish AUTH first",
  mail: () => "A message is under way; finish it or say RSET",
  data: () => "A message is under way",
  chunks: () => "Chunks are under way; say BDAT or RSET",
};

export const notSynchronised = closing(
  reply(554, "5.5.0", "Error: SMTP protocol synchronization", "unauthorised-pipelining"),
);
export const notSmtp = closing(
  reply(421, "4.7.0", "This is a mail server, not a web server", "foreign-protocol"),
);
export const tooManyErrors = closing(reply(421, "4.7.0", "Too many errors", "too-many-errors"));
export const tooManyLogins = closing(reply(421, "4.7.0", "Too many failed logins", "too-many-logins"));
export const timedOut = closing(reply(421, "4.4.2", "Timeout, closing", "timeout"));
export const shuttingDown = closing(
  reply(421, "4.3.2", "Service is shutting down, try again soon", "shutdown"),
);
export const loginWithdrawn = closing(
  reply(421, "4.7.0", "This login is no longer valid, log in again", "login-withdrawn"),
);
export const internalError = (sessionId: string): Reply =>
  closing(reply(421, "4.3.0", `Internal error, reference ${sessionId}; try again later`, "internal-error"));

export const tooLarge = (size_octets_max: number): Reply =>
  reply(552, "5.3.4", `Message is larger than ${size_octets_max} octets`, "message-too-large");

/** The whole message was read to its end and is refused for what it holds (T-29, T-30). */
export function contentRefused(fault: IntakeFault, size_octets_max: number): Reply {
  switch (fault) {
    case "bare-lf":
      return reply(550, "5.6.0", "Message has a line feed (LF) without carriage return (CR)", "bare-lf");
    case "bare-cr":
      return reply(550, "5.6.0", "Message has a carriage return (CR) without line feed (LF)", "bare-cr");
    case "nul":
      return reply(550, "5.6.0", "Message has a NUL octet", "nul-octet");
    case "line-too-long":
      return reply(550, "5.6.0", "Message has an overlong line; wrap or encode it", "message-line-too-long");
    case "too-large":
      return tooLarge(size_octets_max);
  }
}
