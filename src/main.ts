/** Builds the server by hand, in reading order: memory, judgement, hands, doors. */
import { mkdir, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { addresses } from "./accounts/addresses.ts";
import { logins } from "./accounts/authenticate.ts";
import { MemoryThrottle } from "./accounts/throttle.ts";
import { systemClock } from "./base/clock.ts";
import { randomId } from "./base/ids.ts";
import type { Log } from "./base/log.ts";
import { OperatorError } from "./base/operator-error.ts";
import { runCommandLine } from "./cli/program.ts";
import type { RunningServer } from "./cli/running-server.ts";
import type { Config } from "./config/schema.ts";
import { resolver } from "./dns/configured.ts";
import { doors } from "./assembly/doors.ts";
import { keepRetention, privacyOf } from "./assembly/journal.ts";
import { startPolicy } from "./assembly/policy.ts";
import { startRecorder } from "./journal/recorder.ts";
import { imapBackend } from "./mailbox/imap-backend.ts";
import { pop3Backend } from "./mailbox/pop3-backend.ts";
import { ClientCount } from "./mta/client-count.ts";
import { journalOf } from "./mta/journal.ts";
import { FreeDisk } from "./mta/free-disk.ts";
import { inboundBackend } from "./mta/inbound.ts";
import { startOutbound } from "./mta/outbound.ts";
import { Signer } from "./mta/signer.ts";
import { Spool } from "./mta/spool.ts";
import { submissionBackend } from "./mta/submission.ts";
import { policyOf } from "./policy/from-config.ts";
import { networksOf } from "./policy/settings.ts";
import { connectRemote } from "./smtp/client.ts";
import { acquireServerLock } from "./store/sqlite/lock.ts";
import { openStore } from "./store/sqlite/open.ts";
import { transportsOf } from "./assembly/transports.ts";
import { ownCertificate } from "./tls/own-authority.ts";

/** The command line; `bin/wachpost.js` calls it. */
export const run = (argv: readonly string[]): Promise<void> => runCommandLine(argv, startServer);

/** Sessions get this long to end by themselves, deliveries under way this long to finish (G-09). */
const SESSION_GRACE_MS = 10_000;
const DELIVERY_GRACE_MS = 10_000;

async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const clock = systemClock;
  await using opened = new AsyncDisposableStack();
  const directory = join(config.data, "store");
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  opened.use(await acquireServerLock(directory));
  const store = opened.use(await openStore({ directory, log, clock }));
  const dns = await resolver(config.dns.servers, clock);
  const certificate = await certificateOf(config);

  const ours = addresses(store);
  const cost = { memory_kib: config.passwords.argon2_memory_kib, passes: config.passwords.argon2_passes };
  const throttle = new MemoryThrottle(clock, log);
  const people = opened.use(await logins({ store, throttle, clock, log, cost, scram: config.sasl.scram }));

  const privacy = privacyOf(config);
  const recorder = opened.use(
    startRecorder({ write: (entries) => store.journal.record(entries), clock, log, privacy }),
  );
  opened.use(keepRetention(store, privacy, clock, log));
  const journal = journalOf(recorder, privacy);

  const outbound = startOutbound({
    ...(await outboundSettings(config)),
    store,
    addresses: ours,
    dns,
    connect: connectRemote,
    clock,
    random: Math.random,
    log,
    journal,
  });
  opened.defer(() => outbound.close(DELIVERY_GRACE_MS));

  const policy = opened.use(startPolicy(config, { store, dns, clock, log }));

  const mta = {
    store,
    addresses: ours,
    spool: new Spool(join(config.data, "spool"), config.limits.message_memory_octets),
    freeDisk: new FreeDisk(config.data, config.limits.disk_free_percent, clock),
    clock,
    log,
    hostName: config.hostname,
    messageSizeMax: config.limits.message_size_octets,
    wakeQueue: () => outbound.wake(),
    journal,
  };
  const strangers = new ClientCount(config.limits.connections_per_client);
  const users = new ClientCount(config.limits.logins_per_client);
  const mailbox = { store, logins: people, hostName: config.hostname, clock, log };

  const shutdown = new AbortController();
  const listeners = await doors(config, certificate, {
    mx: inboundBackend({
      ...mta,
      clients: strangers,
      dns,
      policy,
      trusted: networksOf(config.policy.mynetworks.join(" ")),
      dmarc: config.policy.dmarc,
      judgesConnect: policyOf(config).lists.banner.length > 0,
    }),
    submission: submissionBackend({
      ...mta,
      clients: users,
      logins: people,
      signer: new Signer(store, clock),
    }),
    imap: imapBackend({ ...mailbox, appendSizeMax: config.limits.message_size_octets }),
    pop3: pop3Backend(mailbox),
    shutdown: shutdown.signal,
    newId: randomId,
    clock,
    log,
  });
  const everything = opened.move();
  return {
    listeners: listeners.map(({ at, listener }) => ({ name: listener.name, at, port: listener.port })),
    authorityFile: certificate.authorityFile,
    stop: () => stop(listeners, shutdown, everything),
  };
}

type Opened = Awaited<ReturnType<typeof doors>>;

async function stop(listeners: Opened, shutdown: AbortController, rest: AsyncDisposableStack): Promise<void> {
  shutdown.abort(new Error("shutting down"));
  await Promise.all(listeners.map(({ listener }) => listener.close(SESSION_GRACE_MS)));
  await rest.disposeAsync();
}

/** The certificate of the configuration, or one of our own authority until there is a public one. */
async function certificateOf(config: Config): Promise<Parameters<typeof doors>[1]> {
  const { certificate, key } = config.tls;
  if (certificate === undefined && key === undefined)
    return await ownCertificate(
      join(config.data, "tls"),
      [config.hostname, "localhost", "127.0.0.1", "::1"],
      systemClock,
    );
  return {
    certificate: await readSetting("tls.certificate", certificate),
    key: await readSetting("tls.key", key),
    authorityFile: undefined,
  };
}

async function readSetting(setting: string, file: string | undefined): Promise<string> {
  try {
    return await readFile(file ?? "", "utf8");
  } catch (error) {
    throw new OperatorError(
      "file-unreadable",
      file === undefined
        ? `${setting} is missing.`
        : `${setting}: ${file} cannot be read (${String(error)}).`,
      "tls.certificate and tls.key belong together; both must be PEM files the server may read.",
      { cause: error },
    );
  }
}

type OutboundSettings = Omit<
  Parameters<typeof startOutbound>[0],
  "store" | "addresses" | "dns" | "connect" | "clock" | "random" | "log" | "journal"
>;

async function outboundSettings(config: Config): Promise<OutboundSettings> {
  const { queue, outbound } = config;
  const authorities =
    outbound.ca_file === undefined ? undefined : await readSetting("outbound.ca_file", outbound.ca_file);
  return {
    hostName: config.hostname,
    policy: {
      firstRetry_ms: queue.first_retry_s * 1000,
      retryMax_ms: queue.retry_max_s * 1000,
      expire_ms: queue.expire_s * 1000,
      delayNotice_ms: queue.delay_notice_s * 1000,
    },
    transports: await transportsOf(config),
    ownAddresses: ownAddresses(config),
    smtpPort: outbound.port,
    ...(authorities === undefined ? {} : { tlsOptions: { ca: [...rootCertificates, authorities] } }),
    ...(outbound.local_address === undefined ? {} : { localAddress: outbound.local_address }),
    concurrency: { total: queue.concurrency, perDestination: queue.concurrency_per_destination },
  };
}

/** Where mail would come back to us: the addresses port 25 listens on, all of the machine for a wildcard. */
function ownAddresses({ listeners: { smtp } }: Config): readonly string[] {
  const everywhere = smtp.addresses.some((address) => address === "0.0.0.0" || address === "::");
  if (!everywhere) return smtp.addresses;
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
