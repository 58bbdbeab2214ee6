import type { AuthProtocol } from "../accounts/contract.ts";
import { OpenSessions } from "../accounts/open-sessions.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Authenticator, AuthResult } from "../sasl/exchange.ts";
import { LoginWithdrawn } from "../sasl/withdrawn.ts";
import type { Store } from "../store/store.ts";
import { repeat } from "./repeat.ts";

/** Together with the grace below less than the five seconds that F-09 gives a revoked password. */
const LOOK_MS = 2_000;
/** A command under way, such as a message half received, gets this long. */
const GRACE_MS = 2_000;

/** Looks again and again whether the logins of open sessions still stand. */
export function attendSessions(
  store: Store,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): OpenSessions & AsyncDisposable {
  const open = new OpenSessions(store);
  const look = async (): Promise<void> => {
    const ended = await open.look();
    if (ended > 0) log.write("info", "login.withdrawn", { sessions: ended });
  };
  const looking = repeat("open-sessions", LOOK_MS, look, { clock, log });
  return Object.assign(open, { [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose]() });
}

export type Attending = {
  readonly sessions: OpenSessions;
  readonly shutdown: AbortSignal;
  readonly protocol: AuthProtocol;
};

/**
 * Serves each connection with a signal of its own, which ends with the server or with the login of this session, and
 * with a backend that hears of that login.
 */
export function attended<Session, Backend extends { authenticator(session: Session): Authenticator }>(
  { sessions, shutdown, protocol }: Attending,
  backend: Backend,
  serve: (connection: Connection, backend: Backend, shutdown: AbortSignal) => Promise<void>,
): ConnectionHandler {
  return async (connection) => {
    const life = new AbortController();
    const stop = (): void => life.abort(shutdown.reason);
    if (shutdown.aborted) stop();
    shutdown.addEventListener("abort", stop);
    let cut: NodeJS.Timeout | undefined;
    let leave: (() => void) | undefined;
    const end = (): void => {
      life.abort(new LoginWithdrawn());
      cut = setTimeout(() => connection.destroy(), GRACE_MS);
    };
    const noted = (result: AuthResult): AuthResult => {
      if (result.ok) {
        leave?.();
        leave = sessions.enter(result.identity, protocol, end);
      }
      return result;
    };
    const noting = (inner: Authenticator): Authenticator => ({
      password: async (login, password) => noted(await inner.password(login, password)),
      scram: (login) => inner.scram(login),
      scramDone: async (login, credential) => noted(await inner.scramDone(login, credential)),
    });
    const own = { ...backend, authenticator: (session: Session) => noting(backend.authenticator(session)) };
    try {
      await serve(connection, own, life.signal);
    } finally {
      shutdown.removeEventListener("abort", stop);
      clearTimeout(cut);
      leave?.();
    }
  };
}
