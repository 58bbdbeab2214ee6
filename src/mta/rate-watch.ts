import type { IpAddress } from "../base/ip.ts";
import { whenHere } from "../base/soon.ts";
import type { Authenticator, AuthResult } from "../sasl/exchange.ts";
import type { SmtpBackend, SmtpSessionFacts } from "../smtp/backend.ts";
import { closing, reply, withId, type Reply } from "../smtp/reply.ts";
import { banTold, type BanList } from "./ban-list.ts";
import type { Conduct } from "./ban-conduct.ts";
import type { RefusalTally } from "./rate-door.ts";
import type { ClientRates } from "./rate.ts";

export type WatchTools = {
  readonly bans: BanList;
  readonly rates: ClientRates;
  readonly conduct: Conduct;
  readonly tally: RefusalTally;
};

type AnySession = { readonly remote: { readonly address: IpAddress } };

const banned: Reply = closing(
  reply(421, "4.7.0", "Access denied for now: too many violations from your network", "banned"),
);
const tooMuch: Reply = reply(
  450,
  "4.7.1",
  "Too much mail from your network in a short time, please try again later",
  "rate-limited",
);

/**
 * The backend of port 25 with an eye on its clients: what they may send in a minute, and what they try. The relay
 * decision stays where it is; what is watched here can refuse and never let in.
 */
export function watchedStrangers(inner: SmtpBackend, tools: WatchTools): SmtpBackend {
  const { bans, rates, conduct, tally } = tools;
  const mayTake = (kind: "messages" | "recipients", { remote, profile }: SmtpSessionFacts): boolean =>
    profile === "lmtp" || bans.isSpared(remote.address) || rates.take(kind, remote.address);
  return {
    hostName: inner.hostName,
    messageSizeMax: inner.messageSizeMax,
    /** The door has looked at the connection's address; XCLIENT may have named another since. */
    connect(session) {
      const found = session.profile === "lmtp" ? undefined : bans.find(session.remote.address);
      return whenHere(inner.connect(session), (refusal) => {
        const about = { door: "smtp", address: session.remote.address } as const;
        if (refusal?.reason === "connection-limit")
          return withId(refusal, tally({ ...about, reason: "connection-limit" }));
        if (refusal !== undefined || found === undefined) return refusal;
        return withId(banned, tally({ ...about, reason: "banned", ban: banTold(found) }));
      });
    },
    disconnected: (session) => inner.disconnected(session),
    refused: counted("smtp", inner, tally),
    mechanisms: (session) => inner.mechanisms(session),
    authenticator: (session) => inner.authenticator(session),
    mail: (session, mail) =>
      mayTake("messages", session) ? inner.mail(session, mail) : tooMuchFrom(session, tally),
    rcpt(session, mail, rcpt) {
      if (!mayTake("recipients", session)) return tooMuchFrom(session, tally);
      return whenHere(inner.rcpt(session, mail, rcpt), (refusal) => {
        if (session.profile !== "lmtp") noteRecipient(conduct, session.remote.address, refusal);
        return refusal;
      });
    },
    data: (session, mail) => inner.data(session, mail),
  };
}

const tooMuchFrom = ({ remote: { address } }: SmtpSessionFacts, tally: RefusalTally): Reply =>
  withId(tooMuch, tally({ door: "smtp", address, reason: "rate-limited" }));

/**
 * Refusals of SMTP itself that concern no message are counted by client and minute: whoever only makes noise shall not fill
 * the journal. A failed login has a record of its own under its session.
 */
function counted(door: string, inner: SmtpBackend, tally: RefusalTally): NonNullable<SmtpBackend["refused"]> {
  return (session, answer, about) => {
    const told = inner.refused?.(session, answer, about) ?? answer;
    const { reason = "refused" } = told;
    if (told.quotable || session.profile === "lmtp") return told;
    const address = session.remote.address;
    return withId(told, RECORDED_LOGINS.has(reason) ? session.id : tally({ door, address, reason }));
  };
}

const RECORDED_LOGINS: ReadonlySet<string> = new Set(["login-failed", "login-expired"]);

function noteRecipient(conduct: Conduct, address: IpAddress, refusal: Reply | undefined): void {
  if (refusal === undefined) conduct.goodRecipient(address);
  else if (refusal.reason === "relay-denied") conduct.relayAttempt(address);
  else if (refusal.reason === "unknown-recipient") conduct.unknownRecipient(address);
}

/** The backend of the ports that users send on. */
export const watchedUsers = (inner: SmtpBackend, tools: WatchTools): SmtpBackend => ({
  ...watchedLogins<SmtpSessionFacts, SmtpBackend>(inner, tools),
  refused: counted("users", inner, tools.tally),
});

/** A backend whose logins are watched, whatever its protocol. */
export function watchedLogins<Session extends AnySession, Backend extends Guarded<Session>>(
  inner: Backend,
  tools: WatchTools,
): Backend {
  return {
    ...inner,
    authenticator: (session: Session) =>
      watchedAuthenticator(inner.authenticator(session), session.remote.address, tools),
  };
}
type Guarded<Session> = { authenticator(session: Session): Authenticator };

const TOO_FAST: AuthResult = { ok: false, failure: { kind: "throttled" } };

/** Where somebody has logged in lately nobody is refused here: the throttle knows who is who (D-28). */
function watchedAuthenticator(inner: Authenticator, address: IpAddress, tools: WatchTools): Authenticator {
  const { bans, rates, conduct } = tools;
  const mayTry = (): boolean =>
    bans.isSpared(address) || conduct.isKnown(address) || rates.take("logins", address);
  const noted = (result: AuthResult, login: string, password: string): AuthResult => {
    if (result.ok) {
      conduct.rightLogin(address);
      rates.giveBack("logins", address);
    } else if (result.failure.kind === "invalid" || result.failure.kind === "throttled") {
      conduct.wrongLogin(address, login, password);
    }
    return result;
  };
  let proofs = 0;
  return {
    async password(login, password) {
      const text = password.reveal();
      return noted(mayTry() ? await inner.password(login, password) : TOO_FAST, login, text);
    },
    scram: (login) => inner.scram(login),
    /** What was guessed stays with the client: each wrong proof counts as another guess. */
    async scramDone(login, credential) {
      if (credential === undefined && !mayTry()) return noted(TOO_FAST, login, `proof ${++proofs}`);
      return noted(await inner.scramDone(login, credential), login, `proof ${++proofs}`);
    },
  };
}
