/**
 * Builds the server by hand, in reading order: judgement, hands, doors, and what it does by itself; its memory is open already
 * (assembly/ground.ts).
 */
import { join } from "node:path";
import { addresses } from "./accounts/addresses.ts";
import { logins, type LoginOptions } from "./accounts/authenticate.ts";
import { Forwarding } from "./accounts/forwarding.ts";
import { passwordAges } from "./accounts/standing.ts";
import { MemoryThrottle } from "./accounts/throttle.ts";
import { randomId } from "./base/ids.ts";
import type { RunningServer } from "./cli/running-server.ts";
import type { Config } from "./config/schema.ts";
import { Canary } from "./assembly/canary.ts";
import { Carrier } from "./assembly/carrier.ts";
import { startCertificate } from "./assembly/certificate.ts";
import { doors, type Households } from "./assembly/doors.ts";
import type { Ground } from "./assembly/ground.ts";
import { startGuard } from "./assembly/guard.ts";
import { loginRecorder } from "./assembly/journal.ts";
import { outboundSettings } from "./assembly/outbound.ts";
import { dmarcTrusted, startPolicy } from "./assembly/policy.ts";
import { loadReaders, loadRoutines } from "./assembly/pieces.ts";
import { keepReportCounts } from "./assembly/report-counts.ts";
import { startResolver } from "./assembly/resolver.ts";
import { RoundFigures } from "./assembly/round-figures.ts";
import { attendSessions } from "./assembly/sessions.ts";
import { BulkWatch } from "./mta/bulk-watch.ts";
import { ClientCount } from "./mta/client-count.ts";
import { FreeDisk } from "./mta/free-disk.ts";
import { inboundBackend } from "./mta/inbound.ts";
import { Signer, signatureLifetime_s } from "./mta/signer.ts";
import { Spool } from "./mta/spool.ts";
import { submissionBackend } from "./mta/submission.ts";
import type { Listener } from "./net/listener.ts";
import { Correspondents } from "./policy/correspondents.ts";
import { policyOf } from "./policy/from-config.ts";
import { judgesLinks } from "./policy/policy-lists.ts";
import { networksOf } from "./policy/settings.ts";

/** Sessions get this long to end by themselves (G-09). */
const SESSION_GRACE_MS = 10_000;

/** Everything a configuration describes, running on that ground; or an error that says what stands in the way. */
export async function startServer(config: Config, ground: Ground, file?: string): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  opened.use(ground.opened);
  const house = await furnish(config, ground, opened);
  const routines = opened.use(new AsyncDisposableStack());
  const { open, readers } = await openDoors(config, house, opened);
  // Half of the server is loaded while the first client says who he is. What cannot be loaded still ends the start.
  await readers;
  const { startRoutines } = await loadRoutines();
  startRoutines(config, { ...house, configFile: file }, routines);
  const everything = opened.move();
  return {
    listeners: open.map(({ at, listener }) => ({ name: listener.name, at, port: listener.port })),
    authorityFile: house.certificate.authorityFile,
    stop: () => everything.disposeAsync(),
  };
}

/** `opened` closes them: first the doors, when sessions have ended, then what is asked of the DNS. */
async function openDoors(config: Config, house: House, opened: AsyncDisposableStack) {
  const { questions, guard, sessions, certificate, clock, log } = house;
  const [opening, shutdown] = [Promise.withResolvers<readonly Listener[]>(), new AbortController()];
  const readers = opening.promise.then(async (listeners) => {
    const { readersOf } = await loadReaders();
    return readersOf(config, { ...house, shutdown: shutdown.signal, listeners });
  });
  const open = await doors(config, certificate, {
    ...households(config, house),
    readers,
    guard,
    sessions,
    clock,
    log,
    shutdown: shutdown.signal,
    newId: randomId,
  });
  const listeners = open.map(({ listener }) => listener);
  opened.defer(async () => {
    shutdown.abort(new Error("shutting down"));
    await Promise.all(listeners.map((listener) => listener.close(SESSION_GRACE_MS)));
    // No session waits for an answer any more; background work shall not either.
    questions.abort(new Error("shutting down"));
  });
  opening.resolve(listeners);
  return { open, readers };
}

type House = Awaited<ReturnType<typeof furnish>>;

/** Those who are asked at the doors and behind them. */
async function furnish(
  config: Config,
  { store, journal, clock, log, counters }: Ground,
  opened: AsyncDisposableStack,
) {
  const questions = new AbortController();
  const kept = { store, journal, clock, log };
  const dns = await startResolver(config, questions.signal, opened, { clock, log });
  const world = { clock, random: Math.random, log };
  const certificate = opened.use(await startCertificate(config, { store, dns }, world));
  const forwarding = await Forwarding.open(store, clock);
  const canary = await Canary.create(config, kept);
  const people = canary.among(opened.use(await logins(loginOptions(config, kept))));
  const policy = opened.use(startPolicy(config, { store, dns, clock, log }));
  const asked = { dns, certificate, forwarding, canary, people, policy };
  return {
    ...kept,
    ...asked,
    questions,
    counters,
    deadLists: policy.deadLists,
    addresses: forwarding.including(addresses(store)),
    signer: new Signer(store, clock, signatureLifetime_s(config)),
    settings: await outboundSettings(config, canary.transports),
    counts: opened.use(keepReportCounts(store, { clock, log })),
    guard: opened.use(await startGuard(config, kept)),
    sessions: opened.use(attendSessions(store, { clock, log })),
    bulk: new BulkWatch({ clock, log }),
    carrier: new Carrier(),
    figures: new RoundFigures(),
  };
}

/** Who answers those that bring mail. */
function households(config: Config, house: House): Pick<Households, "mx" | "submission"> {
  const { store, journal, clock, log, people, dns, policy, forwarding, signer, counts, canary, bulk } = house;
  const { hostname: hostName, limits } = config;
  const mta = {
    store,
    addresses: house.addresses,
    forwarding,
    spool: new Spool(join(config.data, "spool"), limits.message_memory_octets),
    freeDisk: new FreeDisk(config.data, limits.disk_free_percent, clock),
    clock,
    log,
    hostName,
    messageSizeMax: limits.message_size_octets,
    wakeQueue: () => house.carrier.wake(),
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
  return {
    mx: canary.inbound(inboundBackend({ ...mta, ...strangers }), mta),
    submission: canary.submission(submissionBackend({ ...mta, ...users, correspondents, bulk }), mta),
  };
}

function loginOptions(
  config: Config,
  { store, journal, clock, log }: Pick<Ground, "store" | "journal" | "clock" | "log">,
): LoginOptions {
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
  };
}
