/** The octets of our own ClientHello, and the parser of what comes back. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  clientHello,
  GOOD_GROUPS,
  SIGNATURES,
  ssl2ClientHello,
  VERSIONS,
} from "../../src/doctor/wire/client-hello.ts";
import { parseServerFlight } from "../../src/doctor/wire/server-flight.ts";
import {
  STRONG_SUITES,
  suiteName,
  TLS13_SUITES,
  WEAK_SUITES,
  weaknessOf,
} from "../../src/doctor/wire/suites.ts";
import { maxEarlyData } from "../../src/doctor/wire/session.ts";

const OFFER = {
  version: VERSIONS.tls12,
  suites: [0xc02f],
  groups: GOOD_GROUPS,
  signatures: SIGNATURES,
  serverName: "mx.example.org",
};

test("a ClientHello of each version: record, legacy version, extensions", () => {
  const random = Buffer.alloc(96, 7);
  const table: [version: number, record: number, legacy: number, extensions: boolean][] = [
    [VERSIONS.ssl3, 0x0300, 0x0300, false],
    [VERSIONS.tls10, 0x0301, 0x0301, true],
    [VERSIONS.tls12, 0x0301, 0x0303, true],
    [VERSIONS.tls13, 0x0301, 0x0303, true],
  ];
  for (const [version, record, legacy, extensions] of table) {
    const hello = clientHello({ ...OFFER, version }, random);
    assert.deepEqual([hello[0], hello.readUInt16BE(1), hello.readUInt16BE(9)], [22, record, legacy]);
    assert.equal(hello.readUInt16BE(3), hello.length - 5);
    assert.equal(hello.readUIntBE(6, 3), hello.length - 9);
    assert.equal(hello.includes("mx.example.org"), extensions);
  }
  assert.ok(clientHello({ ...OFFER, fallback: true }, random).includes(Buffer.from("5600", "hex")));
  const ssl2 = ssl2ClientHello(random);
  assert.equal(ssl2.readUInt16BE(0) & 0x7fff, ssl2.length - 2);
});

test("every suite is in one class, and the numbers are unique", () => {
  const all = [...STRONG_SUITES, ...TLS13_SUITES, ...WEAK_SUITES];
  assert.equal(new Set(all.map(({ code }) => code)).size, all.length);
  for (const suite of WEAK_SUITES) assert.notEqual(weaknessOf(suite), undefined, suite.name);
  for (const suite of [...STRONG_SUITES, ...TLS13_SUITES])
    assert.equal(weaknessOf(suite), undefined, suite.name);
  assert.equal(suiteName(0xabcd), "0xabcd");
});

const ALERT = Buffer.from("15030100020228", "hex");

test("a server's flight in every stage", () => {
  const table: [octets: Buffer, kind: string][] = [
    [Buffer.of(), "incomplete"],
    [ALERT.subarray(0, 3), "incomplete"],
    [ALERT, "alert"],
    // A warning about the name, then nothing yet.
    [Buffer.from("15030100020170", "hex"), "incomplete"],
    [Buffer.from("220 mail.example.org ESMTP\r\n"), "not-tls"],
    [Buffer.from("HTTP/1.1 400"), "not-tls"],
    [Buffer.from("170303000100", "hex"), "not-tls"],
    [Buffer.from("801304", "hex"), "incomplete"],
    [Buffer.from(`8013040001000200000003001001008 0${"00".repeat(8)}`.replace(" ", ""), "hex"), "ssl2"],
  ];
  for (const [octets, kind] of table)
    assert.equal(parseServerFlight(octets).kind, kind, octets.toString("hex"));
});

test("the parser is total: any octets, and any octets in a record of a handshake", () => {
  const record = (data: Uint8Array): Buffer =>
    Buffer.concat([Buffer.of(22, 3, 3, data.length >> 8, data.length & 0xff), data]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 20 }), (octets, type) => {
      parseServerFlight(Buffer.from(octets));
      parseServerFlight(record(octets));
      parseServerFlight(record(Buffer.concat([Buffer.of(type, 0, 0, octets.length & 0xff), octets])));
    }),
    { numRuns: 300 },
  );
  const hello = Buffer.concat([Buffer.of(2, 0, 0, 38, 3, 3), randomBytes(32), Buffer.of(0, 0xc0, 0x2f, 0)]);
  const flight = parseServerFlight(record(hello));
  assert.ok(flight.kind === "hello" && flight.suite === 0xc02f && !flight.complete);
});

/** As `openssl s_server -early_data` (3.0) gave it, cut to its length, time and early data. */
const session = (...fields: readonly string[]): Buffer => {
  const content = Buffer.from(fields.join(""), "hex");
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
};
/** With the name Node 26 keeps it for. */
const named = (name: string, octets: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from("\0nodejs:tls:session:1\0"),
    Buffer.of(name.length >> 8, name.length & 0xff),
    Buffer.from(name),
    octets,
  ]);
const VERSION = "02010102020304";

test("a session's early data, in every form", () => {
  const table: [octets: Buffer, want: number | undefined][] = [
    [session(VERSION, "af0402024000", "b30302011d"), 16_384],
    [session(VERSION, "af07020500ffffffff"), 4_294_967_295],
    [session(VERSION, "af03020100"), 0],
    [session(VERSION, "b30302011d"), 0],
    [session(), 0],
    [named("localhost", session(VERSION, "af0402024000")), 16_384],
    [named("", session(VERSION)), 0],
    [named("x", session(VERSION)).subarray(0, 23), undefined],
    [named("x".repeat(300), Buffer.of()), undefined],
    [session(VERSION, "af0402024000", "ae0602043b733cb1"), 16_384],
    // Negative, too large, not whole, of another kind.
    [session("af03020180"), undefined],
    [session("af0702050100000000"), undefined],
    [session("af0402034000"), undefined],
    [session("af0404024000"), undefined],
    [session("af05020240000000"), undefined],
    [session("af7f"), undefined],
    [Buffer.of(), undefined],
    [Buffer.concat([session(VERSION), Buffer.of(0)]), undefined],
    [session("0500".repeat(41)), undefined],
    [Buffer.alloc(300 * 1024, 0x30), undefined],
  ];
  for (const [octets, want] of table)
    assert.equal(maxEarlyData(octets), want, octets.toString("hex").slice(0, 80));
});

test("the reader of sessions is total: any octets, a session with any octet changed, and one cut anywhere", () => {
  const good = session(VERSION, "af0402024000", "b30302011d");
  const at = fc.nat({ max: good.length - 1 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), at, fc.nat({ max: 255 }), (octets, place, value) => {
      const changed = Buffer.from(good);
      changed[place] = value;
      const long = Buffer.concat([Buffer.of(0x30, 0x82, octets.length >> 8, octets.length & 0xff), octets]);
      for (const input of [
        Buffer.from(octets),
        changed,
        good.subarray(0, place),
        long,
        named("x", changed),
      ]) {
        const found = maxEarlyData(input);
        assert.ok(found === undefined || (found >= 0 && found <= 0xffff_ffff));
      }
    }),
    { numRuns: 1_000 },
  );
});
