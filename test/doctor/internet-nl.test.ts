/** A whole world, DNS and mail host, as the Internet.nl mail test would grade it: known results, subtest by subtest. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { examine } from "../../src/doctor/examine.ts";
import { internetNl, SUBTESTS } from "../../src/doctor/internet-nl.ts";
import type { HostTarget } from "../../src/doctor/probe.ts";
import { VERSIONS } from "../../src/doctor/wire/client-hello.ts";
import { CIPHERS, GROUPS, NO_RENEGOTIATION } from "../../src/tls/contexts.ts";
import { subjectPublicKeyInfo } from "../../src/tls/spki.ts";
import { issued, rsaCertificate, tlsaDigest } from "./certificates.ts";
import { GOOD_PAIR, startScripted, type Script } from "./scripted-server.ts";
import { GOOD_WIRE } from "./wire-controls.ts";
import { DOMAIN, HOST, startWorld, TARGET, zoneWith } from "./world.ts";

const DIGEST = tlsaDigest(
  subjectPublicKeyInfo(new X509Certificate(GOOD_PAIR.certificate).raw) ?? Buffer.of(),
);

type Case = {
  readonly name: string;
  readonly without?: readonly string[];
  readonly plus?: readonly string[];
  readonly unsigned?: readonly string[];
  readonly script?: Script;
  /** TLSA records, `DIGEST` for that of the good certificate. */
  readonly tlsa?: readonly string[];
  /** Subtests that are not passed. */
  readonly lost: readonly string[];
  readonly percent: number;
};

const TLSA = ["3 1 1 DIGEST", `3 1 1 ${"ab".repeat(32)}`];
const showing = (one: { readonly key: string; readonly certificate: string }): Script => ({
  tls: {
    key: one.key,
    cert: one.certificate,
    ciphers: CIPHERS,
    ecdhCurve: GROUPS,
    honorCipherOrder: true,
    secureOptions: NO_RENEGOTIATION,
  },
});

const CASES: readonly Case[] = [
  { name: "everything right", lost: [], percent: 100 },
  { name: "no IPv6 at the mail host", without: ["mail.example.org AAAA"], lost: ["IPv6-3"], percent: 91 },
  {
    name: "no IPv6 at the name servers",
    without: ["ns1.example.net AAAA", "ns2.example.net AAAA"],
    lost: ["IPv6-1", "IPv6-2"],
    percent: 83,
  },
  { name: "the domain is not signed", unsigned: [DOMAIN], lost: ["DNSSEC-1", "DNSSEC-2"], percent: 90 },
  { name: "the mail host is not signed", unsigned: [HOST], lost: ["DNSSEC-3", "DNSSEC-4"], percent: 90 },
  {
    name: "DMARC only watches",
    without: ["_dmarc"],
    plus: ["_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:postmaster@example.org"],
    lost: ["AUTH-2"],
    percent: 96,
  },
  { name: "no DKIM name space", without: ["ed._domainkey"], lost: ["AUTH-3"], percent: 95 },
  {
    name: "SPF lets everybody send",
    without: ["example.org TXT"],
    plus: ["example.org TXT v=spf1 +all"],
    lost: ["AUTH-5"],
    percent: 95,
  },
  { name: "no CAA is a notice", without: ["mail.example.org CAA"], lost: ["CAA-1"], percent: 100 },
  {
    name: "RSA of 2048 bits is to be phased out, a chain nobody trusts a notice",
    script: showing(rsaCertificate(HOST, 2048, "sha256")),
    tlsa: ["3 1 1 DIGEST"],
    lost: ["CERT-1", "CERT-2", "DANE-2", "DANE-3"],
    percent: 97,
  },
  {
    name: "another name is a notice",
    script: showing(issued(["other.example.org"], -1, 60)),
    tlsa: TLSA,
    lost: ["CERT-1", "CERT-4", "DANE-2"],
    percent: 98,
  },
  { name: "no DANE", tlsa: [], lost: ["DANE-1", "DANE-2", "DANE-3"], percent: 95 },
  { name: "one TLSA record is a notice", tlsa: ["3 1 1 DIGEST"], lost: ["DANE-3"], percent: 100 },
];

for (const { name, lost, percent, ...world } of CASES) {
  test(`${name}: ${percent} %`, async () => {
    const { subtests, percent: got } = await grade(world);
    assert.deepEqual(
      subtests.filter((one) => one.grade !== "ok").map(({ subtest: { id } }) => id),
      lost,
    );
    assert.equal(got, percent);
  });
}

test("old versions, weak suites, client's order, no RFC 5746, compression: each its own subtest", async () => {
  const wire = {
    ...GOOD_WIRE,
    versions: [VERSIONS.tls12, VERSIONS.tls10],
    suites: [0xc02c, 0x0005, 0x009e],
    order: "client",
    compression: true,
    extensions: [],
    signature: 0x0201,
  } as const;
  const { subtests } = await grade({ script: { wire } });
  const failed = subtests.filter((one) => one.grade === "fail").map(({ subtest: { id } }) => id);
  assert.deepEqual(failed, ["TLS-2", "TLS-3", "TLS-4", "TLS-5", "TLS-7", "TLS-8", "TLS-1"].sort(bySubtest));
});

const bySubtest = (one: string, other: string): number =>
  SUBTESTS.findIndex(({ id }) => id === one) - SUBTESTS.findIndex(({ id }) => id === other);

async function grade({
  without = [],
  plus = [],
  unsigned = [],
  script = {},
  tlsa = TLSA,
}: Partial<Case>): Promise<NonNullable<ReturnType<typeof internetNl>>> {
  const server = await startScripted(script);
  const records = tlsa.map((one) => `_${server.port}._tcp.${HOST} TLSA ${one.replace("DIGEST", DIGEST)}`);
  const world = await startWorld(zoneWith(without, [...plus, ...records]), { unsigned });
  const host: HostTarget = {
    name: HOST,
    address: "127.0.0.1",
    port: server.port,
    service: "smtp",
    domains: [DOMAIN],
    ours: true,
  };
  try {
    // The test authority is no public one: where a case does not change the certificate, its distrust is taken back.
    const findings = await examine(
      { domains: [TARGET], addresses: [], hosts: [host], leftOut: [] },
      world.net,
    );
    const own = script.tls === undefined && script.wire === undefined;
    const result = internetNl(findings.filter(({ check }) => !(own && check === "cert-trust")));
    assert.ok(result);
    return result;
  } finally {
    server.close();
    world.close();
  }
}
