/** Builds the server by hand, in reading order: judgement, hands, doors; its memory is open already (assembly/ground.ts). */
import { join } from "node:path";
import { addresses } from "./accounts/addresses.ts";
import { logins, type LoginOptions } from "./accounts/authenticate.ts";
import type { Addresses, Logins } from "./accounts/contract.ts";
import { keepKeys } from "./accounts/key-keeper.ts";
import { Forwarding } from "./accounts/forwarding.ts";
import { passwordAges } from "./accounts/standing.ts";
import { MemoryThrottle } from "./accounts/throttle.ts";
import type { Clock } from "./base/clock.ts";
import { randomId } from "./base/ids.ts";
import type { Log } from "./base/log.ts";
import type { RunningServer } from "./cli/running-server.ts";
import type { Config } from "./config/schema.ts";
import type { Dns } from "./dns/answer.ts";
import { startAlerts, type AlertTools } from "./assembly/alerts.ts";
import { keepBackups } from "./assembly/backup.ts";
import { Canary, withoutCanary } from "./assembly/canary.ts";
import { startCertificate } from "./assembly/certificate.ts";
import { doors, type Households } from "./assembly/doors.ts";
import { keepExpiry } from "./assembly/expiry.ts";
import type { Ground } from "./assembly/ground.ts";
import { startGuard } from "./assembly/guard.ts";
import { loginRecorder } from "./assembly/journal.ts";
import { mtaSts, outboundSettings } from "./assembly/outbound.ts";
import { dmarcTrusted, startPolicy } from "./assembly/policy.ts";
import { repeat } from "./assembly/repeat.ts";
import { startResolver } from "./assembly/resolver.ts";
import { RoundFigures } from "./assembly/round-figures.ts";
import { startRounds, type RoundTools } from "./assembly/rounds.ts";
import { keepSendingNames } from "./assembly/sending-names.ts";
import { keepReportCounts, startReports, watchTlsReports } from "./assembly/reports.ts";
import { attendSessions } from "./assembly/sessions.ts";
import { watchUpdates } from "./assembly/updates.ts";
import { readinessOf, webRooms } from "./assembly/web.ts";
import { imapBackend } from "./mailbox/imap-backend.ts";
import { pop3Backend } from "./mailbox/pop3-backend.ts";
import { ClientCount } from "./mta/client-count.ts";
import type { Journal } from "./mta/journal.ts";
import { FreeDisk } from "./mta/free-disk.ts";
import { inboundBackend } from "./mta/inbound.ts";
import { startOutbound, type Outbound } from "./mta/outbound.ts";
import type { Counting } from "./mta/reports/tally.ts";
import { Signer, signatureLifetime_s } from "./mta/signer.ts";
import { Spool } from "./mta/spool.ts";
import { BulkWatch } from "./mta/bulk-watch.ts";
import { submissionBackend } from "./mta/submission.ts";
import type { Listener } from "./net/listener.ts";
import type { Policy } from "./policy/contract.ts";
import { Correspondents } from "./policy/correspondents.ts";
import { policyOf } from "./policy/from-config.ts";
import { judgesLinks } from "./policy/policy-lists.ts";
import { networksOf } from "./policy/settings.ts";
import { connectRemote } from "./smtp/client.ts";
import type { Store } from "./store/store.ts";
import { router } from "./web/router.ts";

/** Sessions get this long to end by themselves, deliveries under way this long to finish (G-09). */
const SESSION_GRACE_MS = 10_000;
const DELIVERY_GRACE_MS = 10_000;
/** Signing keys are looked after this often. */
const KEYS_MS = 3_600_000;

/** Everything a configuration describes, running on that ground; or an error that says what stands in the way. */
export async function startServer(config: Config, ground: Ground, file?: string): Promise<RunningServer> {
  const { store, journal, clock, log, counters, nobody } = ground;
  await using opened = new AsyncDisposableStack();
  opened.use(ground.opened);
  const kept = { store, journal, clock, log };
  const questions = new AbortController();
  const dns = await startResolver(config, questions.signal, opened, { clock, log });
  const world = { clock, random: Math.random, log };
  const certificate = opened.use(await startCertificate(config, { store, dns }, world));

  const forwarding = await Forwarding.open(store, clock);
  const ours = forwarding.including(addresses(store));
  const signer = new Signer(store, clock, signatureLifetime_s(config));
  const ways = { addresses: ours, forwarding, signer };

  const canary = await Canary.create(config, { store, clock, log });
  const people = canary.among(opened.use(await logins(loginOptions(config, kept, nobody))));
  const counts = opened.use(keepReportCounts(store, { clock, log }));
  const sending = opened.use(keepSendingNames(config, { dns, clock, log })).names;
  const outbound = startOutbound({
    ...(await outboundSettings(config, canary.transports)),
    ...kept,
    ...ways,
    dns,
    mayUseIpv6: (source) => sending.mayUseIpv6(source),
    daneOff: () => dns.daneOff,
    connect: connectRemote,
    random: world.random,
    journal: withoutCanary(journal),
    mtaSts: mtaSts(store, { dns, clock, log }),
    ...(config.reports.enabled ? { tlsReports: counts.tls } : {}),
  });
  opened.defer(() => outbound.close(DELIVERY_GRACE_MS));

  opened.use(repeat("signing-keys", KEYS_MS, () => keepKeys({ store, dns, clock, log }), { clock, log }));
  opened.use(startReports(config, { ...kept, ...ways, dns, wakeQueue: () => outbound.wake() }));
  const policy = opened.use(startPolicy(config, { store, dns, clock, log }));

  opened.use(keepBackups(config, { clock, log, configFile: file }));
  const guard = opened.use(await startGuard(config, kept));
  const shutdown = new AbortController();
  const sessions = opened.use(attendSessions(store, { clock, log }));
  const bulk = new BulkWatch({ clock, log });
  const rooms = { ...kept, ours, people, outbound, dns, policy, forwarding, signer, counts, canary, bulk };
  const open = (): Listener[] => listeners.map(({ listener }) => listener);
  const figures = new RoundFigures();
  const web = router(
    webRooms(config, { ...kept, outbound, certificate, counters, figures, listeners: open }),
  );
  const listeners = await doors(config, certificate, {
    ...households(config, rooms),
    web,
    guard,
    sessions,
    shutdown: shutdown.signal,
    newId: randomId,
    clock,
    log,
  });
  const readiness = readinessOf(config, { store, outbound, certificate, clock });
  const watching = { ...kept, ...ways, sending, certificate, figures, wakeQueue: () => outbound.wake() };
  startRoutines(config, opened, { ...watching, canary, dns, deadLists: policy.deadLists, bulk, readiness });
  const everything = opened.move();
  return {
    listeners: listeners.map(({ at, listener }) => ({ name: listener.name, at, port: listener.port })),
    authorityFile: certificate.authorityFile,
    stop: () => stop(listeners, shutdown, questions, everything),
  };
}

/** What the server does by itself once its doors are open: a start that fails tells nobody and removes nothing. */
function startRoutines(config: Config, opened: AsyncDisposableStack, tools: Routines): void {
  const { failures: tlsFailures } = opened.use(watchTlsReports(config, tools));
  opened.use(startAlerts(config, { ...tools, tlsFailures }));
  opened.use(startRounds(config, tools));
  opened.use(tools.canary.start(tools));
  opened.use(watchUpdates(config, tools));
  opened.use(keepExpiry(tools));
}

type Routines = Omit<AlertTools, "tlsFailures"> & RoundTools & { readonly canary: Canary; readonly dns: Dns };

type Around = {
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
};

type Rooms = Around & {
  readonly ours: Addresses;
  readonly people: Logins;
  readonly outbound: Outbound;
  readonly dns: Dns & { readonly isHeard: () => boolean };
  readonly policy: Policy;
  readonly forwarding: Forwarding;
  readonly signer: Signer;
  readonly counts: { readonly mail: Counting };
  readonly canary: Canary;
  readonly bulk: BulkWatch;
};

/** Who answers behind each door. */
function households(config: Config, rooms: Rooms): Pick<Households, "mx" | "submission" | "imap" | "pop3"> {
  const {
    store,
    journal,
    clock,
    log,
    ours,
    people,
    outbound,
    dns,
    policy,
    forwarding,
    signer,
    counts,
    canary,
    bulk,
  } = rooms;
  const { hostname: hostName, limits } = config;
  const mta = {
    store,
    addresses: ours,
    forwarding,
    spool: new Spool(join(config.data, "spool"), limits.message_memory_octets),
    freeDisk: new FreeDisk(config.data, limits.disk_free_percent, clock),
    clock,
    log,
    hostName,
    messageSizeMax: limits.message_size_octets,
    wakeQueue: () => outbound.wake(),
    journal,
  };
  const strangers = {
    clients: new ClientCount(limits.connections_per_client),
    dns,
    policy,
    trusted: networksOf(config.policy.mynetworks.join(" ")),
    dmarc: config.policy.dmarc,
    signatures_ms: limits.signatures_s * 1000,
    dmarcUnknown: config.policy.dmarc_unknown,
    dnsIsHeard: dns.isHeard,
    spfFail: config.policy.spf_fail,
    dmarcTrusted: dmarcTrusted(config),
    ...(config.reports.enabled ? { reports: counts.mail } : {}),
    sealer: signer,
    judgesConnect: policyOf(config).lists.banner.length > 0,
    judgesLinks: judgesLinks(policyOf(config).lists),
  };
  const users = { clients: new ClientCount(limits.logins_per_client), logins: people, signer };
  const correspondents = new Correspondents(store.tables, clock);
  const mailbox = { store, logins: people, hostName, clock, log };
  return {
    mx: canary.inbound(inboundBackend({ ...mta, ...strangers }), mta),
    submission: canary.submission(submissionBackend({ ...mta, ...users, correspondents, bulk }), mta),
    imap: imapBackend({ ...mailbox, appendSizeMax: limits.message_size_octets }),
    pop3: pop3Backend(mailbox),
  };
}

function loginOptions(config: Config, { store, journal, clock, log }: Around, nobody: string): LoginOptions {
  const { argon2_memory_kib: memory_kib, argon2_passes: passes } = config.passwords;
  return {
    ages: passwordAges(config.passwords),
    store,
    throttle: new MemoryThrottle(clock, log),
    clock,
    log,
    cost: { memory_kib, passes },
    scram: config.sasl.scram,
    told: loginRecorder(journal, clock),
    nobody,
  };
}

type Opened = Awaited<ReturnType<typeof doors>>;

async function stop(
  listeners: Opened,
  shutdown: AbortController,
  questions: AbortController,
  rest: AsyncDisposableStack,
): Promise<void> {
  shutdown.abort(new Error("shutting down"));
  await Promise.all(listeners.map(({ listener }) => listener.close(SESSION_GRACE_MS)));
  // No session waits for an answer any more; background work shall not either.
  questions.abort(new Error("shutting down"));
  await rest.disposeAsync();
}
