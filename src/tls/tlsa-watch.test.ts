import assert from "node:assert/strict";
import { test } from "node:test";
import { startDnsServer } from "../../test/simulate/dns-server.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { dnsClient } from "../dns/client.ts";
import { acceptsKey, keyDigest, pinOf } from "./tlsa-key.ts";
import { newKey } from "./acme-order.ts";
import { watchTlsa } from "./tlsa-watch.ts";
import type { TlsaSight } from "./tlsa-rollover.ts";

const SERVERS = `
example.org NS ns1.example.org
example.org NS ns2.example.org
ns1.example.org A 127.0.0.1
ns2.example.org A 127.0.0.3
`;
const owner = parseDomain("_25._tcp.mx.example.org") as Domain;
const tlsa = (data: string): string => `${SERVERS}${owner} TLSA 3 1 1 ${data}`;
const AB = "ab".repeat(32);
const CD = "cd".repeat(32);

/** What is seen where the primary, its secondary and the resolver show these zones. */
async function seen(
  zones: readonly [primary: string, secondary: string, resolver: string],
): Promise<TlsaSight> {
  const primary = await startDnsServer({ zone: zones[0] });
  const secondary = await startDnsServer({ zone: zones[1], host: "127.0.0.3", port: primary.port });
  const resolver = await startDnsServer({ zone: zones[2] });
  try {
    const dns = dnsClient([{ address: "127.0.0.1", port: resolver.port }]);
    return await watchTlsa({ owners: [owner], dns, port: primary.port }).look();
  } finally {
    for (const server of [primary, secondary, resolver]) server.close();
  }
}

const digests = (sight: TlsaSight): unknown =>
  sight.kind === "unknown"
    ? sight.detail
    : sight.sets.map(({ records }) =>
        records.map(({ data }) => Buffer.from(data).toString("hex").slice(0, 2)).join(),
      );

for (const { name, zones, want } of [
  {
    name: "a secondary that has not followed yet counts as well",
    zones: [tlsa(AB), tlsa(CD), tlsa(AB)],
    want: ["ab", "ab", "cd"],
  },
  { name: "no records anywhere is an answer", zones: [SERVERS, SERVERS, SERVERS], want: ["", "", ""] },
  {
    name: "a name server that fails may still show something old to others",
    zones: [tlsa(AB), `${owner} SERVFAIL`, tlsa(AB)],
    want: `${owner}: ns2.example.org does not answer`,
  },
  {
    name: "without name servers nothing is known",
    zones: [tlsa(AB), tlsa(AB), `${owner} TLSA 3 1 1 ${AB}`],
    want: `${owner}: its name servers are not found`,
  },
  {
    name: "an alias into another zone is followed by the resolver",
    zones: [
      `${SERVERS}${owner} CNAME keys.other.test`,
      `${SERVERS}${owner} CNAME keys.other.test`,
      `${SERVERS}${owner} CNAME keys.other.test\nkeys.other.test TLSA 3 1 1 ${CD}`,
    ],
    want: ["cd", "", ""],
  },
] as const)
  test(name, async () => assert.deepEqual(digests(await seen(zones)), want));

test("which records accept a key", () => {
  const [ours, other] = [newKey(), newKey()];
  const record = (key: string, usage = 3, matching = 1) => ({
    usage,
    selector: 1,
    matching,
    data: matching === 1 ? Buffer.from(keyDigest(key), "hex") : Buffer.alloc(64, 1),
  });
  const { publicKey: key } = pinOf(ours);
  assert.ok(acceptsKey([], key), "none");
  assert.ok(acceptsKey([record(other, 1)], key), "none that mail uses (PKIX-EE)");
  assert.ok(acceptsKey([record(other), record(ours)], key), "both");
  assert.ok(!acceptsKey([record(other)], key), "another's");
  assert.ok(!acceptsKey([record(other, 2)], key), "an issuer's: it says nothing of keys");
  assert.ok(!acceptsKey([record(ours), record(other, 3, 2)], key), "the stronger digest is another's");
});
