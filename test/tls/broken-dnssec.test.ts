/** A zone whose signatures do not hold stops an order before the authority hears of it. BIND and Unbound on loopback. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { bothViews } from "../../src/dns/configured.ts";
import { dynamicZones } from "../../src/dns/update-client.ts";
import { acmeAuthority } from "../../src/tls/acme-authority.ts";
import { acmeFiles } from "../../src/tls/acme-files.ts";
import { Http01 } from "../../src/tls/acme-http01.ts";
import { brokenDnssec, type DnssecViews } from "../../src/tls/broken-dnssec.ts";
import { keepCertificate } from "../../src/tls/certificate-keeper.ts";
import { ownCertificate } from "../../src/tls/own-authority.ts";
import { bindMissing, startBind, type Bind } from "../setup/bind.ts";
import { startUnbound, unboundMissing } from "../setup/unbound.ts";
import { freePorts } from "../setup/workshop.ts";
import { domain } from "./tlsa-world.ts";

const ZONE = "example.test";
const GOOD = "mail.example.test";
const BROKEN = "mail.broken.example.test";
/** What the parent would say of a key the zone has not: RFC 4034 §5. */
const WRONG_ANCHOR = `broken.${ZONE}. IN DS 12345 13 2 ${"ab".repeat(32)}\n`;
const skip = bindMissing || unboundMissing;

const opened = new AsyncDisposableStack();
let bind: Bind;
let directory: string;
let validating: DnssecViews;
before(async () => {
  if (skip) return;
  directory = await mkdtemp(join(tmpdir(), "wachpost-dnssec-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const [bindPort = 0, unboundPort = 0] = await freePorts(2);
  bind = opened.use(await startBind(bindPort, ZONE));
  const zone = dynamicZones({ server: { address: "127.0.0.1", port: bindPort }, key: bind.key }, systemClock);
  const a = (name: string) =>
    ({ kind: "add", name: domain(name), type: "A", ttl_s: 60, data: "127.0.0.1" }) as const;
  assert.ok((await zone.change([a(GOOD), a(BROKEN)])).ok);
  const anchors = join(directory, "anchors");
  await writeFile(anchors, `${await readFile(bind.anchorFile, "utf8")}\n${WRONG_ANCHOR}`);
  opened.use(await startUnbound(unboundPort, ZONE, bindPort, anchors));
  validating = await bothViews([`127.0.0.1:${unboundPort}`]);
});
after(() => opened.disposeAsync());

test("the names whose signatures do not hold are told, and no others", { skip }, async () => {
  const found = await brokenDnssec([GOOD, BROKEN, "nowhere.example.test"], validating);
  assert.equal(found?.code, "acme-dnssec");
  assert.deepEqual(found?.names, [BROKEN]);
  assert.match(found?.message ?? "", /mail\.broken\.example\.test A/);
  assert.equal(await brokenDnssec([GOOD, "nowhere.example.test"], validating), undefined);
});

test("a name with * is looked at by its base", { skip }, async () => {
  assert.deepEqual((await brokenDnssec([`*.${BROKEN}`], validating))?.names, [`*.${BROKEN}`]);
});

test("a resolver that does not validate, or is silent, proves nothing", { skip }, async () => {
  assert.equal(await brokenDnssec([BROKEN], await bothViews([`127.0.0.1:${bind.port}`])), undefined);
  const [nobody = 0] = await freePorts(1);
  assert.equal(await brokenDnssec([BROKEN], await bothViews([`127.0.0.1:${nobody}`])), undefined);
});

test(
  "an order with such a name goes to no authority; the others are ordered without it",
  { skip },
  async () => {
    const [nobody = 0, http = 0] = await freePorts(2);
    const files = acmeFiles(join(directory, "acme"));
    const authority = await acmeAuthority({
      // Nobody is there: an order that goes out fails otherwise.
      directoryUrl: `https://127.0.0.1:${nobody}/dir`,
      solver: new Http01({ host: "127.0.0.1", port: http }),
      dnssec: validating,
      files,
      clock: systemClock,
    });
    const codeOf = async (names: readonly string[]) => {
      const ordered = await authority.order({ names });
      return ordered.ok ? "ordered" : ordered.error.code;
    };
    assert.equal(await codeOf([BROKEN]), "acme-dnssec");
    assert.equal(await codeOf([GOOD, BROKEN]), "acme-dnssec");
    assert.equal(await codeOf([GOOD]), "acme-unreachable");

    const log = new MemoryLog();
    const clock = new ManualClock(Date.now());
    const until = await ownCertificate(join(directory, "own"), [GOOD], systemClock);
    const keeping = { authority, files, until, clock, random: () => 0.5, log };
    const told = (event: string) => log.events.filter((one) => one.event === event);
    await using keeper = await keepCertificate({
      ...keeping,
      names: [GOOD],
      moreNames: async () => [BROKEN],
    });
    for (const end = Date.now() + 20_000; told("certificate.renewal-failed").length === 0;) {
      assert.ok(Date.now() < end, "no order was tried");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const [refused] = told("certificate.names-refused");
    assert.equal(refused?.fields["code"], "acme-dnssec");
    assert.equal(refused?.fields["names"], BROKEN);
    assert.equal(told("certificate.renewal-failed")[0]?.fields["code"], "acme-unreachable");
    assert.ok(keeper.status().failures > 0);
  },
);
