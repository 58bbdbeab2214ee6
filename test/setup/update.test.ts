/** Dynamic updates against a real server: what was asked for is there, and each refusal is understood. RFC 2136, RFC 8945 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { Secret } from "../../src/base/secret.ts";
import type { RecordType } from "../../src/dns/answer.ts";
import { dnsClient } from "../../src/dns/client.ts";
import type { TsigKey } from "../../src/dns/tsig.ts";
import { dynamicZones } from "../../src/dns/update-client.ts";
import type { RecordChange } from "../../src/dns/update.ts";
import { bindMissing, startBind, type Bind } from "./bind.ts";
import { freePorts } from "./workshop.ts";

const name = (text: string): Domain => parseDomain(text) ?? assert.fail(text);
let bind: Bind;
before(async () => {
  if (!bindMissing) bind = await startBind((await freePorts(1))[0] ?? 0, "example.test");
});
after(() => {
  if (!bindMissing) bind[Symbol.dispose]();
});

const zones = (key: Partial<TsigKey> = {}, clock: Clock = systemClock) =>
  dynamicZones({ server: { address: "127.0.0.1", port: bind.port }, key: { ...bind.key, ...key } }, clock);
const add = (at: string, type: RecordType, data: string): RecordChange => ({
  kind: "add",
  name: name(at),
  type,
  ttl_s: 60,
  data,
});
const ask = (at: string, type: RecordType) =>
  dnsClient([{ address: "127.0.0.1", port: bind.port }]).query(name(at), type);

const RECORDS = [
  ["example.test", "MX", "10 mail.example.test.", { preference: 10, exchange: "mail.example.test" }],
  ["mail.example.test", "A", "127.0.0.1", "127.0.0.1"],
  ["mail.example.test", "AAAA", "2001:db8::25", "2001:db8::25"],
  ["_dmarc.example.test", "TXT", '"v=DMARC1; p=none"', "v=DMARC1; p=none"],
  [
    "long.example.test",
    "TXT",
    `"${"a".repeat(255)}" "${"b".repeat(90)}"`,
    `${"a".repeat(255)}${"b".repeat(90)}`,
  ],
  ["quoted.example.test", "TXT", '"say \\"hi\\" \\\\"', 'say "hi" \\'],
  [
    "_imaps._tcp.example.test",
    "SRV",
    "0 1 993 mail.example.test.",
    { priority: 0, weight: 1, port: 993, target: "mail.example.test" },
  ],
  [
    "mail.example.test",
    "CAA",
    '0 issue "letsencrypt.org"',
    { flags: 0, tag: "issue", value: "letsencrypt.org" },
  ],
  [
    "_25._tcp.mail.example.test",
    "TLSA",
    `3 1 1 ${"0a".repeat(32)}`,
    { usage: 3, selector: 1, matching: 1, data: Buffer.alloc(32, 10) },
  ],
  ["1.0.0.127.in-addr.arpa", "PTR", "mail.example.test.", "mail.example.test"],
] as const;

test("every type of record, in two zones, with one call", { skip: bindMissing }, async () => {
  const made = await zones().change(RECORDS.map(([at, type, data]) => add(at, type, data)));
  assert.ok(made.ok, JSON.stringify(made));
  for (const [at, type, , want] of RECORDS) {
    const answer = await ask(at, type);
    assert.deepEqual(answer.kind === "records" && answer.records, [want], `${at} ${type}`);
  }
});

test("what was there stays, and only the record named goes", { skip: bindMissing }, async () => {
  const spf = add("example.test", "TXT", '"v=spf1 mx -all"');
  assert.ok((await zones().change([spf])).ok);
  const both = await ask("example.test", "TXT");
  assert.equal(both.kind === "records" && both.records.length, 2);
  assert.ok((await zones().change([{ ...spf, kind: "remove" }])).ok);
  const left = await ask("example.test", "TXT");
  assert.deepEqual(left.kind === "records" && left.records, ["somebody-elses=proof"]);
});

const CHANGE = [add("new.example.test", "A", "127.0.0.9")];
const HOUR_MS = 3_600_000;
for (const [title, run, kind] of [
  [
    "a wrong secret",
    () => zones({ secret: new Secret(Buffer.alloc(32).toString("base64")) }).change(CHANGE),
    "bad-signature",
  ],
  ["an unknown key", () => zones({ name: name("other-key") }).change(CHANGE), "bad-key"],
  [
    "a clock an hour off",
    () => zones({}, { ...systemClock, now: () => Date.now() - HOUR_MS }).change(CHANGE),
    "bad-time",
  ],
  [
    "a zone the key may not change",
    () => zones().change([add("a.frozen.test", "A", "127.0.0.9")]),
    "refused",
  ],
  [
    "a name in no zone of the server",
    () => zones().change([add("a.elsewhere.test", "A", "127.0.0.9")]),
    "no-zone",
  ],
  [
    "data that is none of its type",
    () => zones().change([add("new.example.test", "A", "127.0.0")]),
    "bad-record",
  ],
  [
    "nobody there",
    async () =>
      await dynamicZones(
        { server: { address: "127.0.0.1", port: (await freePorts(1))[0] ?? 0 }, key: bind.key },
        systemClock,
      ).change(CHANGE),
    "unreachable",
  ],
] as const)
  test(`${title}: ${kind}, and nothing is changed`, { skip: bindMissing }, async () => {
    const made = await run();
    assert.equal(made.ok ? "ok" : made.error.kind, kind);
    assert.notEqual((await ask("new.example.test", "A")).kind, "records");
  });

test("HMAC-SHA512 as well", { skip: bindMissing }, async () => {
  using other = await startBind((await freePorts(1))[0] ?? 0, "example.test", "hmac-sha512");
  const made = await dynamicZones(
    { server: { address: "127.0.0.1", port: other.port }, key: other.key },
    systemClock,
  ).change(CHANGE);
  assert.ok(made.ok, JSON.stringify(made));
});
