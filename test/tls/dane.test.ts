/** DANE on outgoing mail against real servers: delivered at that level or deferred, never less. RFC 7672; T-46, T-47 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KeyAndCertificate } from "../../src/tls/certificate.ts";
import { Box, tlsaLine } from "./box.ts";
import { authority, certificateFor, stranger, type StartTls } from "./remote-server.ts";

let box: Box;
let insecure: Box;
before(async () => {
  box = await Box.open(true);
  insecure = await Box.open(false);
});
after(async () => {
  await box[Symbol.asyncDispose]();
  await insecure[Symbol.asyncDispose]();
});

/** X is the domain of a case, its mail host is mx.X at 127.0.0.2. */
const HOST = ["X MX 10 mx.X", "mx.X A 127.0.0.2"];
const other = certificateFor("other.test");
const EE = (pem: string): string => tlsaLine("mx.X", 3, pem);
const TA = tlsaLine("mx.X", 2, authority.certificate);

type Case = {
  readonly name: string;
  readonly zone?: readonly string[];
  /** Given the PEM that the host shows. */
  readonly tlsa: (pem: string) => readonly string[];
  readonly pair?: (host: string) => KeyAndCertificate;
  readonly startTls?: StartTls;
  readonly want: string;
  readonly reply?: RegExp;
  readonly counted: string;
};
const cases: readonly Case[] = [
  { name: "3 1 1", tlsa: (pem) => [EE(pem)], want: "sent dane", counted: "tlsa 1/0" },
  {
    name: "3 1 1 on an expired certificate of nobody for another name",
    tlsa: (pem) => [EE(pem)],
    pair: () => certificateFor("wrong.test", { expired: true, by: stranger }),
    want: "sent dane",
    counted: "tlsa 1/0",
  },
  { name: "2 1 1", tlsa: () => [TA], want: "sent dane", counted: "tlsa 1/0" },
  {
    name: "2 1 1 and a certificate for another name",
    tlsa: () => [TA],
    pair: () => certificateFor("wrong.test"),
    want: "deferred -",
    reply: /names none of mx\./,
    counted: "tlsa 0/1 certificate-host-mismatch",
  },
  {
    name: "wrong TLSA",
    tlsa: () => [EE(other.certificate)],
    want: "deferred -",
    reply: /451 4\.7\.5 .*no TLSA record matches/,
    counted: "tlsa 0/1 validation-failure",
  },
  {
    name: "the TLSA lookup fails (bogus)",
    tlsa: () => ["_25._tcp.mx.X SERVFAIL"],
    want: "deferred -",
    reply: /451 4\.7\.5 .*_25\._tcp\.mx\..* TLSA \(servfail\)/,
    counted: "tlsa 0/1 dnssec-invalid",
  },
  {
    name: "STARTTLS stripped",
    tlsa: (pem) => [EE(pem)],
    startTls: "stripped",
    want: "deferred -",
    reply: /STARTTLS is not offered/,
    counted: "tlsa 0/1 starttls-not-supported",
  },
  {
    name: "STARTTLS offered and refused",
    tlsa: (pem) => [EE(pem)],
    startTls: "refused",
    want: "deferred -",
    counted: "tlsa 0/1 starttls-not-supported",
  },
  {
    name: "no handshake behind STARTTLS",
    tlsa: (pem) => [EE(pem)],
    startTls: "garbage",
    want: "deferred -",
    counted: "tlsa 0/1 validation-failure",
  },
  {
    name: "a server that chokes on post-quantum key shares",
    tlsa: (pem) => [EE(pem)],
    startTls: "classical",
    want: "sent dane",
    counted: "tlsa 1/0",
  },
  {
    name: "only unusable records: TLS is a must, with anybody",
    tlsa: (pem) => [tlsaLine("mx.X", 1, pem)],
    pair: () => certificateFor("wrong.test", { by: stranger }),
    want: "sent opportunistic",
    counted: "tlsa 1/0",
  },
  {
    name: "only unusable records and STARTTLS stripped",
    tlsa: (pem) => [tlsaLine("mx.X", 1, pem)],
    startTls: "stripped",
    want: "deferred -",
    counted: "tlsa 0/1 starttls-not-supported",
  },
  {
    name: "no MX: the domain is its own host",
    zone: ["X A 127.0.0.2"],
    tlsa: (pem) => [tlsaLine("X", 3, pem)],
    want: "sent dane",
    counted: "tlsa 1/0",
  },
  {
    name: "no MX, wrong TLSA",
    zone: ["X A 127.0.0.2"],
    tlsa: () => [tlsaLine("X", 3, other.certificate)],
    want: "deferred -",
    counted: "tlsa 0/1 validation-failure",
  },
  {
    name: "an aliased host: records at the end of the alias",
    zone: ["X MX 10 mx.X", "mx.X CNAME real.X", "real.X A 127.0.0.2"],
    tlsa: (pem) => [tlsaLine("real.X", 3, pem), EE(other.certificate)],
    want: "sent dane",
    counted: "tlsa 1/0",
  },
  {
    name: "an aliased host: records at its own name",
    zone: ["X MX 10 mx.X", "mx.X CNAME real.X", "real.X A 127.0.0.2"],
    tlsa: (pem) => [EE(pem)],
    want: "sent dane",
    counted: "tlsa 1/0",
  },
  {
    name: "signed but without TLSA, self-signed certificate",
    tlsa: () => [],
    pair: () => certificateFor("wrong.test", { by: stranger }),
    want: "sent opportunistic",
    counted: "no-policy-found 1/0",
  },
  {
    name: "signed but without TLSA, without STARTTLS",
    tlsa: () => [],
    startTls: "stripped",
    want: "sent none",
    counted: "no-policy-found 0/1 starttls-not-supported",
  },
  {
    name: "without TLSA, STARTTLS does not work",
    tlsa: () => [],
    startTls: "garbage",
    want: "sent none",
    counted: "no-policy-found 0/1 validation-failure",
  },
];

async function run(world: Box, at: number, one: Omit<Case, "name">): Promise<void> {
  const domain = `d${at}.test`;
  const pair = one.pair?.(`mx.${domain}`) ?? certificateFor(`mx.${domain}`);
  world.mx.pair = pair;
  world.mx.startTls = one.startTls ?? "works";
  const lines = [...(one.zone ?? HOST), ...one.tlsa(pair.certificate)];
  world.dns.setZone(lines.map((line) => line.replace(/(^|[ .])X(?= |$)/g, `$1${domain}`)).join("\n"));
  const { result, security, reply } = await world.send(domain);
  assert.equal(`${result} ${security}`, one.want, reply);
  if (one.reply !== undefined) assert.match(reply, one.reply);
  assert.deepEqual(world.counted(), [`${domain} ${one.counted}`]);
  const taken = world.mx.taken.filter(({ to }) => to === `a@${domain}`);
  assert.equal(taken.length, result === "sent" ? 1 : 0);
  if (result === "sent") assert.equal(taken[0]?.tls, security !== "none");
}

for (const [at, one] of cases.entries()) {
  test(`dane: ${one.name}`, () => run(box, at, one));
}

test("dane: SNI is the name the records stand at", () => {
  const aliased = cases.findIndex(({ name }) => name.includes("at the end of the alias"));
  const taken = box.mx.taken.find(({ to }) => to === `a@d${aliased}.test`);
  assert.equal(taken?.sni, `real.d${aliased}.test`);
});

test("dane: a host with a failing lookup is passed over for the next one", async () => {
  const domain = "backup.test";
  const pair = certificateFor(`b.${domain}`);
  box.backup.pair = pair;
  box.mx.startTls = "works";
  const zone = [
    `${domain} MX 10 a.${domain}`,
    `${domain} MX 20 b.${domain}`,
    `a.${domain} A 127.0.0.2`,
    `b.${domain} A 127.0.0.3`,
    `_25._tcp.a.${domain} SERVFAIL`,
    tlsaLine(`b.${domain}`, 3, pair.certificate),
  ];
  box.dns.setZone(zone.join("\n"));
  const { result, security } = await box.send(domain);
  assert.equal(`${result} ${security}`, "sent dane");
  assert.equal(box.backup.taken.length, 1);
  assert.deepEqual(box.counted(), [`${domain} tlsa 0/1 dnssec-invalid`, `${domain} tlsa 1/0`]);
});

test("dane: the log says which level was wanted and which was reached", () => {
  const opened = box.events("outbound.connected");
  assert.ok(opened.some(({ wanted, security }) => wanted === "dane" && security === "dane"));
  assert.ok(opened.some(({ wanted, security }) => wanted === "opportunistic" && security === "none"));
});

test("dane: a server that choked is remembered and spared the large ClientHello", async () => {
  const pair = certificateFor("mx.shared.test");
  box.mx.pair = pair;
  box.mx.startTls = "classical";
  const zone = ["mx.shared.test A 127.0.0.2", tlsaLine("mx.shared.test", 3, pair.certificate)];
  for (const domain of ["one.test", "two.test"]) zone.push(`${domain} MX 10 mx.shared.test`);
  box.dns.setZone(zone.join("\n"));
  const before = box.mx.connections;
  assert.equal((await box.send("one.test")).security, "dane");
  assert.equal(box.mx.connections, before + 2);
  assert.equal((await box.send("two.test")).security, "dane");
  assert.equal(box.mx.connections, before + 3);
});

test("dane: answers nobody vouches for are not asked for TLSA", async () => {
  await run(insecure, 100, {
    tlsa: () => [EE(other.certificate)],
    want: "sent opportunistic",
    counted: "no-policy-found 1/0",
  });
  assert.ok(insecure.dns.asked.every((question) => !/TLSA|CNAME/.test(question)));
});
