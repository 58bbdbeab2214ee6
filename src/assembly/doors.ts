import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { OpenSessions } from "../accounts/open-sessions.ts";
import { parseCidr, type Cidr } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import type { Guard } from "../mta/rate-guard.ts";
import { watchedStrangers, watchedUsers } from "../mta/rate-watch.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import { listen, type Listener, type ListenerOptions } from "../net/listener.ts";
import type { Profile, SmtpBackend } from "../smtp/backend.ts";
import { defaultLimits, stressLimits } from "../smtp/limits.ts";
import { serveSmtp } from "../smtp/server.ts";
import { servedTls, type ServedCertificate } from "../tls/certificate-served.ts";
import type { Readers } from "./readers.ts";
import { attended } from "./sessions.ts";

/** Who answers behind each door. */
export type Households = {
  readonly mx: SmtpBackend;
  readonly submission: SmtpBackend;
  /** Loaded once the doors are open: who comes before waits for them. */
  readonly readers: Promise<Readers>;
  /** Without one everybody may knock as often as he likes. */
  readonly guard: Guard;
  /** Those that have logged in. */
  readonly sessions: OpenSessions;
  readonly shutdown: AbortSignal;
  newId(): string;
  readonly clock: Clock;
  readonly log: Log;
};
type Door = { readonly at: string; readonly listener: Listener };
type Plan = Omit<ListenerOptions, "at" | "log" | "connectionsMax">;

/** Opens every listener of the configuration, or none: whatever was open closes when one fails. */
export async function doors(
  config: Config,
  certificate: ServedCertificate,
  households: Households,
): Promise<readonly Door[]> {
  const open: Door[] = [];
  try {
    for (const { at, plan } of plans(config, certificate, guarded(households))) {
      const listener = await listen({
        ...plan,
        ...entrance(plan.name, households.guard),
        at,
        connectionsMax: config.limits.connections + LEAVING,
        log: households.log,
      });
      open.push({ at: "path" in at ? at.path : `${at.host}:${listener.port}`, listener });
    }
    return open;
  } catch (error) {
    await Promise.all(open.map(({ listener }) => listener.close(0)));
    throw error;
  }
}

/** What is seen of logins and probes on any port is known at every door. */
function guarded(households: Households): Households {
  const { watch } = households.guard;
  const { mx, submission } = households;
  return {
    ...households,
    mx: watchedStrangers(mx, watch),
    submission: watchedUsers(submission, watch),
  };
}

/** Port 25 has a door of its own, so that a flood there leaves the other ports open (D-15). LMTP is this machine's. */
function entrance(
  name: string,
  guard: Guard,
): Pick<ListenerOptions, "doorkeeper" | "farewell" | "handshakes"> {
  if (name === "lmtp") return {};
  const { strangers, users, web, handshakes } = guard;
  const farewell = (text: string): string =>
    name === "imap" ? `* BYE ${text}\r\n` : `421 4.7.0 ${text}\r\n`;
  if (name === "web") return { doorkeeper: web, handshakes };
  return { doorkeeper: name === "smtp" ? strangers : users, farewell, handshakes };
}

/** Connections that were dismissed and have not closed yet, or have not been introduced by their proxy. */
const LEAVING = 200;

/** From this share of all connections on, a listener is under stress. */
const STRESS_SHARE = 0.8;

/** Asked for each connection, so that a new certificate serves the next one. */
type Tls = () => TLSSocketOptions;

type Planned = { readonly at: ListenerOptions["at"]; readonly plan: Plan };

function plans(config: Config, certificate: ServedCertificate, households: Households): Planned[] {
  const { listeners } = config;
  const tls = (service: string, alpn: readonly string[] = []): Tls => servedTls(service, certificate, alpn);
  const smtp = (profile: Profile, xclientFrom: readonly string[], starttls?: Tls) =>
    smtpHandler(households, config.limits.connections * STRESS_SHARE, profile, xclientFrom, starttls);
  const { smtp: mx, submissions, submission, imaps, imap, pop3s } = listeners;
  const { readers } = households;
  const imapFor = (startTls?: Tls) => onceLoaded(readers.then((those) => those.imap(startTls)));
  const pop3 = onceLoaded(readers.then((those) => those.pop3));
  const web = onceLoaded(readers.then((those) => those.web));
  const planned: Planned[] = [
    ...everywhere(mx, "smtp", smtp("mx", mx.xclient_from, tls("smtp"))),
    ...everywhere(
      submissions,
      "submissions",
      smtp("submission", submissions.xclient_from),
      tls("submissions"),
    ),
    ...everywhere(submission, "submission", smtp("submission", submission.xclient_from, tls("submission"))),
    ...everywhere(imaps, "imaps", imapFor(), tls("imaps", ["imap"])),
    ...everywhere(imap, "imap", imapFor(tls("imap", ["imap"]))),
    ...everywhere(pop3s, "pop3s", pop3, tls("pop3s", ["pop3"])),
    ...everywhere(listeners.web, "web", web, tls("web", ["http/1.1"])),
  ];
  if (!listeners.lmtp.enabled) return planned;
  const path = join(config.data, listeners.lmtp.path);
  return [...planned, { at: { path }, plan: { name: "lmtp", handler: smtp("lmtp", []), proxyFrom: [] } }];
}

/** What cannot be loaded ends the start, which says so. */
function onceLoaded(handler: Promise<ConnectionHandler>): ConnectionHandler {
  handler.catch(() => {});
  return async (connection) => (await handler)(connection);
}

type ListenerSetting = {
  readonly enabled: boolean;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly proxy_from: readonly string[];
};

function everywhere(
  setting: ListenerSetting,
  name: string,
  handler: ConnectionHandler,
  implicit?: Tls,
): Planned[] {
  if (!setting.enabled) return [];
  const plan = {
    name,
    handler,
    proxyFrom: cidrs(setting.proxy_from),
    ...(implicit === undefined ? {} : { implicitTls: implicit }),
  };
  const addresses = setting.addresses.filter((host) => host !== "::" || hasIpv6());
  return addresses.map((host) => ({ at: { host, port: setting.port }, plan }));
}

/** The default names both wildcards; a machine without IPv6 has only one of them. */
const hasIpv6 = (): boolean =>
  Object.values(networkInterfaces()).some((list) => list?.some(({ family }) => family === "IPv6"));

function smtpHandler(
  households: Households,
  stressFrom: number,
  profile: Profile,
  xclientFrom: readonly string[],
  starttls: Tls | undefined,
): ConnectionHandler {
  const { mx, submission, guard, sessions, shutdown, clock, log } = households;
  const options = {
    profile,
    ...(starttls === undefined ? {} : { startTls: starttls }),
    xclientFrom: cidrs(xclientFrom),
    ...(profile === "mx" ? { greetingWatch: guard.greeting } : {}),
    newId: () => households.newId(),
    clock,
    log,
  };
  // Postfix's stress-adaptive behaviour: when most places are taken, clients that dawdle lose theirs sooner.
  let busy = 0;
  const serve = (client: Connection, backend: SmtpBackend, ending: AbortSignal): Promise<void> => {
    busy++;
    const limits = busy > stressFrom ? stressLimits : defaultLimits;
    return serveSmtp(client, { ...options, backend, limits, shutdown: ending }).then(() => void busy--);
  };
  // Nobody logs in on port 25.
  if (profile !== "submission") return (client) => serve(client, mx, shutdown);
  return attended({ sessions, shutdown, protocol: "smtp" }, submission, serve);
}

const cidrs = (texts: readonly string[]): readonly Cidr[] => texts.flatMap((text) => parseCidr(text) ?? []);
