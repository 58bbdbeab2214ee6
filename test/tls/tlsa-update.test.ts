/**
 * TLSA records kept in step by dynamic update, with BIND, Unbound and Pebble: at every moment, and in every cache, they know
 * the key that is served. RFC 7671 §8.1, RFC 2136
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { conditions } from "../../src/alerts/conditions.ts";
import { systemClock } from "../../src/base/clock.ts";
import { MemoryLog, silentLog } from "../../src/base/log.ts";
import type { ZoneProvider } from "../../src/dns/update-client.ts";
import type { RecordChange } from "../../src/dns/update.ts";
import { acmeFiles } from "../../src/tls/acme-files.ts";
import { startCertificate } from "../../src/assembly/certificate.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { startKeeper, type CertificateSettings } from "../../src/tls/certificate-start.ts";
import { createAuthority, issueCertificate } from "../../src/tls/certificate.ts";
import { keepTlsa, type TlsaKeeper, type TlsaStatus } from "../../src/tls/tlsa-keeper.ts";
import { keyDigest, tlsaOfKey } from "../../src/tls/tlsa-key.ts";
import type { TlsaWatch } from "../../src/tls/tlsa-watch.ts";
import { worldMissing as skip } from "../setup/whole-way.ts";
import { startProxy, type AcmeProxy } from "./acme-proxy.ts";
import { startPebble, type Pebble } from "./pebble.ts";
import {
  domain,
  HOST,
  openTlsaWorld,
  OWNERS,
  SkippingClock,
  until,
  Witness,
  type TlsaWorld,
} from "./tlsa-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_S = 86_400;
const STEP_MS = 2.5 * HOUR_MS;
/** Less than the time that caches keep the records of before. */
const BETWEEN_RENEWALS_MS = 20 * HOUR_MS;
const PATIENCE_MS = 60_000;

let world: TlsaWorld;
let pebble: Pebble;
let proxy: AcmeProxy;
let directory: string;
const opened = new AsyncDisposableStack();
before(async () => {
  if (skip) return;
  directory = await mkdtemp(join(tmpdir(), "wachpost-tlsa-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  world = opened.use(await openTlsaWorld());
  pebble = opened.use(await startPebble({}, `127.0.0.1:${world.bindPort}`));
  proxy = opened.use(await startProxy(pebble));
});
after(() => opened.disposeAsync());

type Served = {
  readonly digest: () => string | undefined;
  readonly next: () => string | undefined;
  readonly tlsa: TlsaKeeper;
  readonly log: MemoryLog;
  /** Time passes, and everybody has looked at the zone. */
  pass(): Promise<void>;
} & AsyncDisposable;

/** A server's certificate and its records; `provider` may change while it runs. */
async function serve(
  settings: CertificateSettings,
  clock: SkippingClock,
  {
    provider,
    hostName = HOST,
    owners = OWNERS,
  }: { provider: ZoneProvider; hostName?: typeof HOST; owners?: typeof OWNERS },
): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const log = new MemoryLog();
  const world_ = { clock, log, random: () => 0.5 };
  const counted = (): TlsaWatch & { looks: number } => {
    const zone = world.watch();
    return {
      looks: 0,
      async look(signal) {
        const sight = await zone.look(signal);
        this.looks++;
        return sight;
      },
    };
  };
  const { acme } = settings;
  const [watch, keyWatch] = [counted(), counted()];
  const watches = acme ? [watch, keyWatch] : [watch];
  const keeper = stack.use(
    await startKeeper(
      { ...settings, tlsa: keyWatch, ...(acme ? { acme: { ...acme, tlsa: keyWatch } } : {}) },
      world_,
    ),
  );
  const tlsa = stack.use(
    await keepTlsa({
      ...world_,
      keys: () => keeper.keys(),
      hostName,
      owners,
      watch,
      dns: world.resolver,
      provider,
      files: acmeFiles(settings.directory),
    }),
  );
  const kept = stack.move();
  const digest = (): string | undefined => {
    const { served } = keeper.keys();
    return served === undefined ? undefined : keyDigest(served);
  };
  return {
    digest,
    next: () => keeper.keys().next,
    tlsa,
    log,
    async pass() {
      // It should not seem to take hours what somebody is at: an order, a look.
      await nudging(clock, "everybody asleep", () => {
        const { sleeps_ms } = clock;
        return sleeps_ms.length >= 2 && (!acme || Math.max(...sleeps_ms) > 5 * MINUTE_MS);
      });
      const before = watches.map(({ looks }) => looks);
      clock.skip(STEP_MS);
      await nudging(clock, "looks at the zone", () =>
        watches.every(({ looks }, i) => looks > (before[i] ?? 0)),
      );
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Waits, with a second going by now and then. */
async function nudging(clock: SkippingClock, what: string, holds: () => boolean): Promise<void> {
  for (const end_ms = Date.now() + PATIENCE_MS; !holds();) {
    assert.ok(Date.now() < end_ms, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.skip(1000);
  }
}

/** Hours go by until it is so. */
async function passing(served: Served, what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let step = 0; !(await holds()); step++) {
    assert.ok(step < 60, `waited in vain: ${what}`);
    await served.pass();
  }
}

const shows = async (...digests: readonly (string | undefined)[]): Promise<boolean> =>
  (await world.shown()).digests.join() === digests.toSorted((a = "", b = "") => (a < b ? -1 : 1)).join();

const record = (digest: string, ttl_s: number, owner = OWNERS.main): RecordChange => ({
  kind: "add",
  name: owner,
  type: "TLSA",
  ttl_s,
  data: tlsaOfKey(digest),
});

const clear = async (): Promise<void> => {
  const cleared = [OWNERS.main, OWNERS.others[0] ?? HOST].map(
    (name) => ({ kind: "clear", name, type: "TLSA", ttl_s: 0, data: "" }) as const,
  );
  assert.ok((await world.provider().change(cleared)).ok);
};

const alerts = (tlsa: TlsaStatus): readonly string[] =>
  conditions(
    {
      now_ms: 0,
      certificate: { notBefore_ms: 0, notAfter_ms: 1e12 },
      freeDisk_percent: 50,
      queue: { messages: 0, oldest_ms: undefined },
      deadLists: [],
      tlsa,
    },
    { disk_percent: 15, diskFull_percent: 5, queueAge_ms: HOUR_MS },
  ).map(({ kind, urgent }) => `${kind}${urgent ? " !" : ""}`);

const acmeSettings = (): CertificateSettings => ({
  directory: join(directory, "acme-server"),
  hostName: HOST,
  acme: {
    directory: proxy.directoryUrl,
    names: [HOST],
    challenge: "http-01",
    address: "127.0.0.1",
    port: pebble.httpPort,
    ca: pebble.ca,
  },
});

test(
  "renewals under published records: the next key waits, the old record goes in the end",
  { skip },
  async () => {
    const clock = new SkippingClock();
    // Asked after every renewal, and once a day.
    Object.defineProperty(proxy, "renewalInfo", {
      get() {
        const start = new Date(clock.now() + BETWEEN_RENEWALS_MS).toISOString();
        const end = new Date(clock.now() + BETWEEN_RENEWALS_MS + 1000).toISOString();
        return { body: JSON.stringify({ suggestedWindow: { start, end } }), retryAfter: String(DAY_S) };
      },
    });
    // An hour behind: the name server refuses what it signs.
    let provider = world.provider({ ...systemClock, now: () => Date.now() - HOUR_MS });
    const changing: ZoneProvider = {
      change: (changes) => provider.change(changes),
      zoneOf: (name) => provider.zoneOf(name),
    };
    const settings = acmeSettings();
    let first: string;
    let second: string;
    {
      await using served = await serve(settings, clock, { provider: changing });
      await until("the first certificate", () => served.digest() !== undefined);
      first = served.digest() ?? assert.fail();
      // By hand, before the server was told of the zone: caches keep it for a day, and it does not know the next key.
      assert.ok(
        (await world.provider().change([record(first, DAY_S), record(first, DAY_S, OWNERS.others[0])])).ok,
      );
      await using _ = new Witness(world, clock, served.digest);

      await passing(served, "second failure", () => (served.tlsa.status().fault?.failures ?? 0) >= 2);
      assert.deepEqual(alerts(served.tlsa.status()), ["tlsa-time"]);
      for (let step = 0; step < 11; step++) await served.pass();
      assert.equal(served.digest(), first, "two renewals, but no record of the next key");
      assert.ok(served.log.events.some(({ event }) => event === "certificate.key-kept"));
      assert.ok(await shows(first));

      provider = world.provider();
      second = served.next() ?? assert.fail();
      await passing(served, "both", () => shows(first, second));
      const other = await world.shown(OWNERS.others[0]);
      assert.deepEqual(other.digests, [first, second].toSorted(), "kept in step where there was one");
      await passing(served, "no fault", () => alerts(served.tlsa.status()).length === 0);
      await passing(served, "the next key", () => served.digest() === second);
      await until("a third key", () => served.next() !== second);
      clock.skip(MINUTE_MS);
      await until("three", () => shows(first, second, served.next()));
    }
    // Nothing is written when it ends: whoever is killed has no time for it either.
    await using served = await serve(settings, clock, { provider: changing });
    await using _ = new Witness(world, clock, served.digest);
    const third = served.next();
    for (let step = 0; step < 18; step++) await served.pass();
    assert.ok(await shows(first, second, third), "a cache may want the old one, as far as anybody knows");
    assert.equal(served.digest(), second);
    await passing(served, "the old record is gone", async () => {
      const { digests } = await world.shown();
      return !digests.includes(first) && digests.includes(second);
    });
    const verified = await world.resolver.query(OWNERS.main, "TLSA");
    assert.ok(verified.kind === "records" && verified.authenticated);
  },
);

const AUTHORITY = createAuthority({
  subject: "Somebody",
  names: [],
  notBefore_ms: Date.now() - HOUR_MS,
  notAfter_ms: Date.now() + 9000 * HOUR_MS,
});

test(
  "files that another program renews: the records come first, then the key; a mismatch is told",
  { skip },
  async () => {
    await clear();
    const clock = new SkippingClock();
    const files = { certificate: join(directory, "cert.pem"), key: join(directory, "key.pem") };
    const renew = async (): Promise<string> => {
      const span = { notBefore_ms: Date.now() - HOUR_MS, notAfter_ms: Date.now() + 9000 * HOUR_MS };
      const pair = issueCertificate({ subject: HOST, names: [HOST], ...span }, AUTHORITY, "Somebody");
      await writeFile(files.key, pair.key);
      await writeFile(files.certificate, pair.certificate);
      return keyDigest(pair.key);
    };
    const first = await renew();
    const settings = { directory: join(directory, "files-server"), hostName: HOST, files };
    await using served = await serve(settings, clock, { provider: world.provider() });
    await until("its record", () => shows(first));
    assert.deepEqual((await world.shown(OWNERS.others[0])).digests, [], "nobody asked for one there");
    const second = await renew();
    clock.skip(MINUTE_MS);
    await until("the key that waits", () => served.next() === second);
    clock.skip(MINUTE_MS);
    await until("both records", () => shows(first, second));
    assert.equal(served.digest(), first, "not before every cache knows it");
    await passing(served, "the new key", () => served.digest() === second);
    await passing(served, "the old record is gone", () => shows(second));
    assert.deepEqual(
      served.log.events.filter(({ event }) => event === "certificate.tlsa-mismatch"),
      [],
    );
    const foreign = "ab".repeat(32);
    await clear();
    assert.ok((await world.provider().change([record(foreign, 60)])).ok);
    await passing(served, "mismatch", () => served.tlsa.status().mismatch?.digest === second);
    assert.deepEqual(alerts(served.tlsa.status()), ["tlsa-mismatch !"]);
    await passing(served, "its record beside it", () => shows(foreign, second));
    await passing(served, "no mismatch", () => alerts(served.tlsa.status()).length === 0);
  },
);

test("a zone that is not signed gets no record, and the log says why", { skip }, async () => {
  await clear();
  const clock = new SkippingClock();
  const span = { notBefore_ms: Date.now() - HOUR_MS, notAfter_ms: Date.now() + 9000 * HOUR_MS };
  const pair = issueCertificate({ subject: HOST, names: [HOST], ...span }, AUTHORITY, "Somebody");
  const files = { certificate: join(directory, "c.pem"), key: join(directory, "k.pem") };
  await writeFile(files.key, pair.key);
  await writeFile(files.certificate, pair.certificate);
  const settings = { directory: join(directory, "unsigned-server"), hostName: HOST, files };
  const address: RecordChange = {
    kind: "add",
    name: domain("9.0.0.127.in-addr.arpa"),
    type: "A",
    ttl_s: 60,
    data: "127.0.0.9",
  };
  assert.ok((await world.provider().change([address])).ok);
  const owners = { main: domain(`_25._tcp.${address.name}`), others: [] };
  await using served = await serve(settings, clock, {
    provider: world.provider(),
    hostName: address.name,
    owners,
  });
  await until("the reason", () =>
    served.log.events.some(({ event }) => event === "certificate.tlsa-unsigned"),
  );
  await served.pass();
  assert.deepEqual((await world.shown(owners.main)).digests, []);
});

test("the server of a configuration with dns.update does it by itself", { skip }, async () => {
  await clear();
  const file = (name: string): string => join(directory, name);
  const pair = issueCertificate(
    {
      subject: HOST,
      names: [HOST],
      notBefore_ms: Date.now() - HOUR_MS,
      notAfter_ms: Date.now() + 9000 * HOUR_MS,
    },
    AUTHORITY,
    "Somebody",
  );
  await writeFile(file("chain.pem"), pair.certificate);
  await writeFile(file("chain.key"), pair.key);
  await writeFile(file("secret"), world.key.secret.reveal());
  const config = parseConfig(`hostname = "${HOST}"
data = "${file("data")}"
[tls]
certificate = "${file("chain.pem")}"
key = "${file("chain.key")}"
[dns.update]
server = "127.0.0.1:${world.bindPort}"
key = "${world.key.name}"
secret_file = "${file("secret")}"
`);
  assert.ok(config.ok, JSON.stringify(config));
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await openStore({ directory: file("store"), log: silentLog, clock: systemClock }));
  const rooms = { store, dns: world.resolver };
  const running = { clock: systemClock, random: Math.random, log: new MemoryLog() };
  const certificate = stack.use(await startCertificate(config.value, rooms, running));
  // No name server answers at port 53: records are added unseen, and none is taken away.
  await until("its record", () => shows(keyDigest(pair.key)));
  assert.deepEqual(alerts(certificate.tlsa()), []);
});
