import type { TLSSocketOptions } from "node:tls";
import type { OpenSessions } from "../accounts/open-sessions.ts";
import type { Logins } from "../accounts/contract.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { serveImap } from "../imap/server.ts";
import { imapBackend } from "../mailbox/imap-backend.ts";
import { pop3Backend } from "../mailbox/pop3-backend.ts";
import type { Guard } from "../mta/rate-guard.ts";
import { watchedLogins } from "../mta/rate-watch.ts";
import type { ConnectionHandler } from "../net/connection.ts";
import { servePop3 } from "../pop3/server.ts";
import type { Store } from "../store/store.ts";
import { router } from "../web/router.ts";
import { webHandler } from "../web/server.ts";
import { attended } from "./sessions.ts";
import { webRooms, type WebTools } from "./web.ts";

/** Who answers behind the doors that nobody brings mail to. */
export type Readers = {
  imap(startTls?: () => TLSSocketOptions): ConnectionHandler;
  readonly pop3: ConnectionHandler;
  readonly web: ConnectionHandler;
};

export type ReaderTools = WebTools & {
  readonly store: Store;
  readonly people: Logins;
  readonly guard: Guard;
  readonly sessions: OpenSessions;
  readonly shutdown: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
};

export function readersOf(config: Config, tools: ReaderTools): Readers {
  const { store, people, sessions, shutdown, clock, log } = tools;
  const { watch } = tools.guard;
  const mailbox = { store, logins: people, hostName: config.hostname, clock, log };
  const appendSizeMax = config.limits.message_size_octets;
  const imap = watchedLogins(imapBackend({ ...mailbox, appendSizeMax }), watch);
  const pop3 = watchedLogins(pop3Backend(mailbox), watch);
  return {
    imap: (startTls) =>
      attended({ sessions, shutdown, protocol: "imap" }, imap, (client, backend, ending) =>
        serveImap(client, {
          backend,
          log,
          clock,
          shutdown: ending,
          ...(startTls === undefined ? {} : { startTls }),
        }),
      ),
    pop3: attended({ sessions, shutdown, protocol: "pop3" }, pop3, (client, backend, ending) =>
      servePop3(client, { backend, log, clock, shutdown: ending }),
    ),
    web: webHandler({ answer: router(webRooms(config, tools)), shutdown, log }),
  };
}
