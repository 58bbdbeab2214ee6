import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, TLSSocket } from "node:tls";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { acmeAuthority } from "../../src/tls/acme-authority.ts";
import { acmeFiles, type AcmeFiles } from "../../src/tls/acme-files.ts";
import { Http01 } from "../../src/tls/acme-http01.ts";
import { checkPair } from "../../src/tls/certificate-check.ts";
import { keepCertificate, type AcmeKeeper } from "../../src/tls/certificate-keeper.ts";
import { NextKey } from "../../src/tls/next-key.ts";
import { keyDigest } from "../../src/tls/tlsa-key.ts";
import type { TlsaWatch } from "../../src/tls/tlsa-watch.ts";
import { servedTls } from "../../src/tls/certificate-served.ts";
import { ownCertificate } from "../../src/tls/own-authority.ts";
import { startProxy, type AcmeProxy, type Interference } from "./acme-proxy.ts";
import { pebbleMissing, startPebble, type Pebble } from "./pebble.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const names = ["mx.example.org", "mail.example.org"];
const skip = pebbleMissing;

let pebble: Pebble;
let proxy: AcmeProxy;
let directory: string;
before(async () => {
  if (!skip) pebble = await startPebble({ PEBBLE_AUTHZREUSE: "0", PEBBLE_WFE_NONCEREJECT: "20" });
});
after(async () => {
  if (!skip) await pebble[Symbol.asyncDispose]();
});
beforeEach(async () => {
  if (skip) return;
  directory = await mkdtemp(join(tmpdir(), "wachpost-keeper-"));
  proxy = await startProxy(pebble);
});
afterEach(async () => {
  if (skip) return;
  await proxy[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

type Kept = {
  readonly keeper: AcmeKeeper;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  readonly files: AcmeFiles;
} & AsyncDisposable;

/** The keeper's clock stands still until a test moves it; orders run in real time. */
async function keep(
  clock = new ManualClock(Date.now()),
  wanted = names,
  more: readonly string[] = [],
  watch?: TlsaWatch,
): Promise<Kept> {
  const files = acmeFiles(join(directory, "acme"));
  const authority = await acmeAuthority({
    directoryUrl: proxy.directoryUrl,
    ca: pebble.ca,
    solver: new Http01({ host: "127.0.0.1", port: pebble.httpPort }),
    files,
    clock: systemClock,
  });
  const log = new MemoryLog();
  const until = await ownCertificate(join(directory, "own"), wanted, systemClock);
  const nextKey = watch && (await NextKey.open({ files, watch, clock, log }));
  const keeper = await keepCertificate({
    ...(nextKey === undefined ? {} : { nextKey }),
    names: wanted,
    moreNames: async () => more,
    authority,
    files,
    until,
    clock,
    random: () => 0.5,
    log,
  });
  return { keeper, clock, log, files, [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose]() };
}

const happened = ({ log }: Kept, event: string): MemoryLog["events"] =>
  log.events.filter((one) => one.event === event);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !holds();) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const planned = async (kept: Kept, count: number): Promise<void> =>
  await until(`plan ${count}`, () => happened(kept, "certificate.renewal-planned").length >= count);

/** Moves the keeper's clock once the keeper is asleep. */
async function pass(kept: Kept, duration_ms: number): Promise<void> {
  await until("the keeper sleeps", () => kept.clock.sleeping > 0);
  kept.clock.advance(duration_ms);
}

/** An order that Pebble met with badNonce is asked again as it was, and counts once. */
const orders = (): { readonly what: string; readonly payload: unknown }[] =>
  proxy.asked
    .filter(({ what }) => what === "POST /order-plz")
    .filter(({ payload }, i, all) => JSON.stringify(payload) !== JSON.stringify(all[i - 1]?.payload));

const window = (start_ms: number, end_ms: number): string =>
  JSON.stringify({
    suggestedWindow: { start: new Date(start_ms).toISOString(), end: new Date(end_ms).toISOString() },
    explanationURL: "https://example.org/why",
  });

const issuer = ({ keeper }: Kept): string => new X509Certificate(keeper.current().certificate).issuer;

test("the first certificate replaces our own without a restart", { skip }, async () => {
  await using kept = await keep();
  const seen: string[] = [];
  kept.keeper.onChange((pair) => seen.push(pair.certificate));
  assert.match(issuer(kept), /Wachpost/);
  await planned(kept, 1);
  assert.match(issuer(kept), /Pebble/);
  assert.deepEqual(seen, [kept.keeper.current().certificate]);
  assert.ok(kept.keeper.current().certificate.split("BEGIN").length > 2, "the chain is complete");
  assert.equal(happened(kept, "certificate.renewal-planned")[0]?.fields["by"], "lifetime");
});

test("a session under way outlives the new certificate, the next one sees it", { skip }, async () => {
  proxy.interfere = (what) => (what === "POST /order-plz" ? { kind: "break-off" } : undefined);
  await using kept = await keep();
  const tls = servedTls("imaps", kept.keeper, []);
  const server = createServer((socket) => {
    const secured = new TLSSocket(socket, { ...tls(), isServer: true });
    secured.on("error", () => {});
    secured.pipe(secured);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const open = async (): Promise<TLSSocket> => {
    const socket = connect({
      port: (server.address() as AddressInfo).port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
    });
    await once(socket, "secureConnect");
    return socket;
  };
  const session = await open();
  await until("failure", () => happened(kept, "certificate.renewal-failed").length === 1);
  proxy.interfere = undefined;
  await pass(kept, 5 * MINUTE_MS);
  await planned(kept, 1);
  session.write("still here");
  assert.equal(String((await once(session, "data"))[0]), "still here");
  const next = await open();
  assert.equal(next.getPeerX509Certificate()?.issuer, issuer(kept));
  session.destroy();
  next.destroy();
  server.close();
});

test(
  "renewal when the authority advises, with the same key and naming its predecessor",
  { skip },
  async () => {
    const start = Date.now();
    proxy.renewalInfo = { body: window(start + 10 * DAY_MS, start + 12 * DAY_MS), retryAfter: "21600" };
    await using kept = await keep(new ManualClock(start));
    await planned(kept, 1);
    const first = kept.keeper.current();
    const facts = checkPair(first);
    assert.ok(facts.ok);
    const { renewalIdentity } = facts.value;
    assert.equal(kept.keeper.status().renewAt_ms, start + 11 * DAY_MS);
    assert.ok(proxy.asked.some(({ what }) => what === `GET /renewal-info/${renewalIdentity}`));
    assert.equal(orders().length, 1);
    // The authority changes its mind (a mass revocation): the window is in the past.
    proxy.renewalInfo = { body: window(start - 2 * DAY_MS, start - DAY_MS), retryAfter: "21600" };
    await pass(kept, HOUR_MS);
    assert.equal(orders().length, 1, "not asked before its Retry-After");
    await pass(kept, 6 * HOUR_MS);
    await until("second certificate", () => happened(kept, "certificate.served").length === 2);
    const second = kept.keeper.current();
    assert.notEqual(second.certificate, first.certificate);
    assert.deepEqual(
      createPublicKey(second.key).export({ format: "jwk" }),
      createPublicKey(first.key).export({ format: "jwk" }),
    );
    assert.partialDeepStrictEqual(orders()[1]?.payload, { replaces: renewalIdentity });
    // The advice is still that of the past; an authority so confused is not flooded.
    await planned(kept, 3);
    await pass(kept, HOUR_MS);
    await pass(kept, HOUR_MS);
    assert.equal(orders().length, 2);
  },
);

test("renewal with the key whose TLSA record has been published long enough", { skip }, async () => {
  const start = Date.now();
  proxy.renewalInfo = { body: window(start + 3 * DAY_MS, start + 3 * DAY_MS + 1), retryAfter: "21600" };
  let digests: readonly string[] = [];
  let looks = 0;
  const watch: TlsaWatch = {
    async look() {
      looks++;
      const records = digests.map((hex) => ({
        usage: 3,
        selector: 1,
        matching: 1,
        data: Buffer.from(hex, "hex"),
      }));
      return { kind: "seen", sets: [{ owner: "_25._tcp.mx.example.org", records, ttl_s: 3600 }] };
    },
  };
  await using kept = await keep(new ManualClock(start), names, [], watch);
  await planned(kept, 1);
  const first = keyDigest(kept.keeper.current().key);
  const made = (): string[] =>
    happened(kept, "certificate.next-key").map(({ fields }) => String(fields["tlsa"]).slice("3 1 1 ".length));
  await until("another key", () => made().length === 2);
  assert.equal(made()[0], first, "the first certificate has the key that could be published before");
  digests = made();
  for (let hours = 0; hours <= 72; hours++) {
    const before = looks;
    await pass(kept, HOUR_MS);
    // A look that is late because the machine is busy is not missed.
    for (let turn = 0; looks === before && turn < 20; turn++)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until("second certificate", () => happened(kept, "certificate.served").length === 2);
  assert.equal(keyDigest(kept.keeper.current().key), digests[1]);
  await until("a third key", () => made().length === 3);
});

test("without advice: when a third of the life is left", { skip }, async () => {
  await using kept = await keep();
  await planned(kept, 1);
  const { notAfter_ms = 0, renewAt_ms = 0 } = kept.keeper.status();
  const leaf = new X509Certificate(kept.keeper.current().certificate);
  const life_ms = notAfter_ms - leaf.validFromDate.getTime();
  const share = (notAfter_ms - renewAt_ms) / life_ms;
  assert.ok(share > 0.3 && share < 0.34, String(share));
  await pass(kept, renewAt_ms - kept.clock.now() + 1);
  await until("second certificate", () => happened(kept, "certificate.served").length === 2);
});

test("after a restart: same account, same certificate, no order", { skip }, async () => {
  let certificate: string;
  {
    await using kept = await keep();
    await planned(kept, 1);
    ({ certificate } = kept.keeper.current());
  }
  const account = await readFile(join(directory, "acme/account.json"), "utf8");
  const asked = proxy.asked.length;
  {
    await using kept = await keep();
    assert.equal(kept.keeper.current().certificate, certificate);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(proxy.asked.length, asked, "a plan that stands asks nothing");
    const { renewAt_ms = 0 } = kept.keeper.status();
    kept.clock.advance(renewAt_ms - kept.clock.now() + 1);
    await until("renewal", () => happened(kept, "certificate.served").length === 2);
  }
  assert.equal(await readFile(join(directory, "acme/account.json"), "utf8"), account);
  const later = proxy.asked.slice(asked).map(({ what }) => what);
  assert.ok(later.includes("POST /order-plz") && !later.includes("POST /sign-me-up"));
  // One more name: ordered at once.
  await using kept = await keep(undefined, [...names, "imap.example.org"]);
  await until("a third name", () => happened(kept, "certificate.served").length === 2);
  assert.ok(new X509Certificate(kept.keeper.current().certificate).checkHost("imap.example.org"));
});

for (const { name, on, interference, code } of [
  {
    name: "rate limited",
    on: "POST /order-plz",
    interference: { kind: "refuse", status: 429, type: "rateLimited", retryAfter: "7200" },
    code: "acme-rateLimited",
  },
  {
    name: "goes away in mid-order",
    on: "POST /finalize-order/ID",
    interference: { kind: "break-off" },
    code: "acme-unreachable",
  },
  {
    name: "fails inside",
    on: "POST /finalize-order/ID",
    interference: { kind: "refuse", status: 500, type: "serverInternal" },
    code: "acme-serverInternal",
  },
  {
    name: "forbids the name",
    on: "POST /order-plz",
    interference: { kind: "refuse", status: 403, type: "rejectedIdentifier" },
    code: "acme-rejectedIdentifier",
  },
] as const satisfies readonly {
  name: string;
  on: string;
  interference: Interference;
  code: string;
}[])
  test(`an authority that ${name}, and recovery`, { skip }, async () => {
    proxy.interfere = (what) => (what === on ? interference : undefined);
    await using kept = await keep();
    await until("failure", () => happened(kept, "certificate.renewal-failed").length === 1);
    const [failure] = happened(kept, "certificate.renewal-failed");
    assert.equal(failure?.fields["code"], code);
    assert.ok(String(failure?.fields["remedy"]).length > 10);
    assert.equal(kept.keeper.status().failures, 1);
    assert.match(issuer(kept), /Wachpost/);
    proxy.interfere = undefined;
    await pass(kept, MINUTE_MS);
    const patience_ms = code === "acme-rateLimited" ? 2 * HOUR_MS : 4 * MINUTE_MS;
    if (code === "acme-rateLimited") {
      await pass(kept, 110 * MINUTE_MS);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(kept.keeper.status().failures, 1, "not tried before the authority's Retry-After");
      assert.match(issuer(kept), /Wachpost/);
    }
    await pass(kept, patience_ms);
    await planned(kept, 1);
    assert.match(issuer(kept), /Pebble/);
    assert.equal(kept.keeper.status().failures, 0);
    // An order that was broken off is taken up again instead of a second one made.
    const finalized = proxy.asked.filter(({ what }) => what.startsWith("POST /finalize-order/"));
    assert.equal(new Set(finalized.map(({ what }) => what)).size, 1);
    if (on.startsWith("POST /finalize")) assert.ok(finalized.length > 1);
  });

test("a challenge nobody can answer: the authority's words, the remedy, and recovery", { skip }, async () => {
  const squatter = createServer((socket) => socket.end("HTTP/1.1 404 Not Found\r\n\r\n"));
  squatter.listen(pebble.httpPort, "127.0.0.1");
  await once(squatter, "listening");
  await using kept = await keep();
  await until("failure", () => happened(kept, "certificate.renewal-failed").length === 1);
  assert.equal(kept.keeper.status().lastFailure?.code, "port-in-use");
  await new Promise((resolve) => squatter.close(resolve));
  for (const host of names) await pebble.dns("set-servfail", { host: `${host}.` });
  await pass(kept, 5 * MINUTE_MS);
  await until("second failure", () => kept.keeper.status().failures === 2);
  const { lastFailure } = kept.keeper.status();
  // RFC 8555 has `dns` for this; Pebble says `connection`.
  assert.match(lastFailure?.code ?? "", /^acme-(dns|connection)$/);
  assert.match(lastFailure?.message ?? "", /example\.org/);
  for (const host of names) await pebble.dns("clear-servfail", { host: `${host}.` });
  await pass(kept, 10 * MINUTE_MS);
  await planned(kept, 1);
  assert.match(issuer(kept), /Pebble/);
});

test("an authority that has forgotten the account is introduced to us again", { skip }, async () => {
  await using kept = await keep();
  await planned(kept, 1);
  await pebble.stop();
  await pebble.start();
  const { renewAt_ms = 0 } = kept.keeper.status();
  await pass(kept, renewAt_ms - kept.clock.now() + 1);
  await until("renewal", () => happened(kept, "certificate.served").length === 2);
});

test("names that would be nice come along, and do not stand in the way of the others", { skip }, async () => {
  const more = ["mta-sts.example.org", "autoconfig.example.org"];
  await using kept = await keep(undefined, names, more);
  await planned(kept, 1);
  const covers = (name: string): boolean =>
    new X509Certificate(kept.keeper.current().certificate).checkHost(name) !== undefined;
  assert.ok([...names, ...more].every(covers));
});

test("a name the authority refuses costs only itself, and is tried again by and by", { skip }, async () => {
  await pebble.dns("set-servfail", { host: "lame.example.org" });
  await pebble.dns("set-servfail", { host: "lamer.example.org" });
  const more = ["lame.example.org", "mta-sts.example.org", "lamer.example.org"];
  await using kept = await keep(undefined, names, more);
  const has = (name: string): boolean =>
    new X509Certificate(kept.keeper.current().certificate).checkHost(name) !== undefined;
  await planned(kept, 1);
  assert.ok([...names, "mta-sts.example.org"].every(has), "the names of other domains do not wait");
  assert.equal(has("lame.example.org"), false);
  assert.equal(orders().length, 2, "all that were at fault were named at once");
  assert.match(String(happened(kept, "certificate.names-refused")[0]?.fields["names"]), /lame\S+ lamer\S+/);
  assert.equal(kept.keeper.status().failures, 1, "the operator is told");
  const before = orders().length;
  await pass(kept, 1_500);
  await pass(kept, 1_500);
  assert.equal(orders().length, before, "and the authority is not asked again at once");

  more.push("autoconfig.example.org");
  await pass(kept, HOUR_MS);
  await until("the name of a new domain", () => has("autoconfig.example.org"));
  await pebble.dns("clear-servfail", { host: "lame.example.org" });
  await pebble.dns("clear-servfail", { host: "lamer.example.org" });
  for (let hour = 0; hour < 12 && !more.every(has); hour++) {
    await pass(kept, HOUR_MS);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await until("what was refused", () => more.every(has));
  await until("all is well", () => kept.keeper.status().failures === 0);
});
