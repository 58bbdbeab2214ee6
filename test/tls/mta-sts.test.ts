/** MTA-STS on outgoing mail against real servers: enforced, tried, or not there. RFC 8461 §5; T-46, T-51 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { parseDomain } from "../../src/base/domain-name.ts";
import { dnsClient } from "../../src/dns/client.ts";
import type { KeyAndCertificate } from "../../src/tls/certificate.ts";
import { mtaStsFetch } from "../../src/tls/mta-sts-fetch.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { Box, tlsaLine } from "./box.ts";
import type { PolicyAnswer } from "./policy-server.ts";
import { authority, certificateFor, stranger, type StartTls } from "./remote-server.ts";

let box: Box;
before(async () => void (box = await Box.open(true)));
after(() => box[Symbol.asyncDispose]());

const file = (mode: string, ...mx: readonly string[]): PolicyAnswer => ({
  body: ["version: STSv1", `mode: ${mode}`, ...mx.map((name) => `mx: ${name}`), "max_age: 86400", ""].join(
    "\r\n",
  ),
});
const withDomain = (text: string, domain: string): string => text.replaceAll("{d}", domain);

type Case = {
  readonly name: string;
  readonly policy: PolicyAnswer;
  readonly pair?: (host: string) => KeyAndCertificate;
  readonly policyPair?: (host: string) => KeyAndCertificate;
  readonly startTls?: StartTls;
  readonly zone?: readonly string[];
  readonly want: string;
  readonly reply?: RegExp;
  readonly counted: string;
};
const ENFORCE = file("enforce", "mx.{d}");
const TESTING = file("testing", "mx.{d}");
const byStranger = (host: string): KeyAndCertificate => certificateFor(host, { by: stranger });
const cases: readonly Case[] = [
  { name: "enforce", policy: ENFORCE, want: "sent mta-sts", counted: "sts 1/0" },
  { name: "enforce, wildcard", policy: file("enforce", "*.{d}"), want: "sent mta-sts", counted: "sts 1/0" },
  {
    name: "enforce, the mail host is not named",
    policy: file("enforce", "mail.{d}"),
    want: "deferred -",
    reply: /451 4\.7\.5 .*does not name this mail host/,
    counted: "sts 0/1 validation-failure",
  },
  {
    name: "enforce, certificate for another name",
    policy: ENFORCE,
    pair: () => certificateFor("wrong.test"),
    want: "deferred -",
    reply: /ERR_TLS_CERT_ALTNAME_INVALID/,
    counted: "sts 0/1 certificate-host-mismatch",
  },
  {
    name: "enforce, certificate of nobody",
    policy: ENFORCE,
    pair: byStranger,
    want: "deferred -",
    counted: "sts 0/1 certificate-not-trusted",
  },
  {
    name: "enforce, expired certificate",
    policy: ENFORCE,
    pair: (host) => certificateFor(host, { expired: true }),
    want: "deferred -",
    counted: "sts 0/1 certificate-expired",
  },
  {
    name: "enforce, STARTTLS stripped",
    policy: ENFORCE,
    startTls: "stripped",
    want: "deferred -",
    reply: /STARTTLS is not offered/,
    counted: "sts 0/1 starttls-not-supported",
  },
  {
    name: "enforce, no handshake",
    policy: ENFORCE,
    startTls: "garbage",
    want: "deferred -",
    counted: "sts 0/1 validation-failure",
  },
  {
    name: "enforce, chokes on large hellos",
    policy: ENFORCE,
    startTls: "classical",
    want: "sent mta-sts",
    counted: "sts 1/0",
  },
  { name: "testing", policy: TESTING, want: "sent opportunistic", counted: "sts 1/0" },
  {
    name: "testing, the mail host is not named",
    policy: file("testing", "mail.{d}"),
    want: "sent opportunistic",
    counted: "sts 0/1 validation-failure",
  },
  {
    name: "testing, bad certificate",
    policy: TESTING,
    pair: byStranger,
    want: "sent opportunistic",
    counted: "sts 0/1 certificate-not-trusted",
  },
  {
    name: "testing, STARTTLS stripped",
    policy: TESTING,
    startTls: "stripped",
    want: "sent none",
    counted: "sts 0/1 starttls-not-supported",
  },
  {
    name: "testing, no handshake",
    policy: TESTING,
    startTls: "garbage",
    want: "sent none",
    counted: "sts 0/1 validation-failure",
  },
  {
    name: "mode none",
    policy: file("none"),
    pair: byStranger,
    want: "sent opportunistic",
    counted: "no-policy-found 1/0",
  },
  {
    name: "DANE before MTA-STS: a certificate the policy would refuse",
    policy: ENFORCE,
    pair: byStranger,
    zone: ["DANE"],
    want: "sent dane",
    counted: "tlsa 1/0",
  },
  {
    name: "DANE before MTA-STS: a certificate the policy would accept",
    policy: ENFORCE,
    zone: ["WRONG DANE"],
    want: "deferred -",
    counted: "tlsa 0/1 validation-failure",
  },
  {
    name: "TLSA records that cannot be used leave the word to MTA-STS",
    policy: ENFORCE,
    pair: byStranger,
    zone: ["UNUSABLE DANE"],
    want: "deferred -",
    counted: "sts 0/1 certificate-not-trusted",
  },
  {
    name: "no policy file",
    policy: { status: 404, body: "" },
    want: "sent opportunistic",
    counted: "sts 0/1 sts-policy-fetch-error",
  },
  {
    name: "a redirect is not followed",
    policy: { ...ENFORCE, status: 301, headers: { location: "/.well-known/mta-sts.txt" } },
    want: "sent opportunistic",
    counted: "sts 0/1 sts-policy-fetch-error",
  },
  {
    name: "a page of HTML",
    policy: { ...ENFORCE, headers: { "content-type": "text/html" } },
    want: "sent opportunistic",
    counted: "sts 0/1 sts-policy-fetch-error",
  },
  {
    name: "a policy of a megabyte",
    policy: { body: `${ENFORCE.body}x: ${"y".repeat(1 << 20)}` },
    want: "sent opportunistic",
    counted: "sts 0/1 sts-policy-fetch-error",
  },
  {
    name: "a policy that is none",
    policy: { body: "hello" },
    want: "sent opportunistic",
    counted: "sts 0/1 sts-policy-invalid",
  },
  {
    name: "a policy host with a certificate for another name",
    policy: ENFORCE,
    policyPair: () => certificateFor("wrong.test"),
    want: "sent opportunistic",
    counted: "sts 0/1 sts-webpki-invalid",
  },
  {
    name: "a policy host with a certificate of nobody",
    policy: ENFORCE,
    policyPair: byStranger,
    want: "sent opportunistic",
    counted: "sts 0/1 sts-webpki-invalid",
  },
  {
    name: "a policy host on a private address is not visited",
    policy: ENFORCE,
    zone: ["mta-sts.{d} A 10.0.0.1"],
    want: "sent opportunistic",
    counted: "sts 0/1 sts-policy-fetch-error",
  },
];

const zoneOf = (domain: string, extra: readonly string[], pem: string, id = "1"): string => {
  const other = certificateFor("other.test").certificate;
  const words: Readonly<Record<string, string>> = {
    DANE: tlsaLine(`mx.${domain}`, 3, pem),
    "WRONG DANE": tlsaLine(`mx.${domain}`, 3, other),
    "UNUSABLE DANE": tlsaLine(`mx.${domain}`, 1, other),
  };
  const policyHost = extra.some((line) => line.startsWith("mta-sts.")) ? [] : ["mta-sts.{d} A 127.0.0.1"];
  return [
    "{d} MX 10 mx.{d}",
    "mx.{d} A 127.0.0.2",
    `_mta-sts.{d} TXT v=STSv1; id=${id};`,
    ...policyHost,
    ...extra,
  ]
    .map((line) => withDomain(words[line] ?? line, domain))
    .join("\n");
};

for (const [at, one] of cases.entries()) {
  test(`mta-sts: ${one.name}`, async () => {
    const domain = `s${at}.test`;
    box.mx.pair = one.pair?.(`mx.${domain}`) ?? certificateFor(`mx.${domain}`);
    box.mx.startTls = one.startTls ?? "works";
    box.policies.show(one.policyPair?.(`mta-sts.${domain}`) ?? certificateFor(`mta-sts.${domain}`));
    box.policies.answer = { ...one.policy, body: withDomain(one.policy.body, domain) };
    box.dns.setZone(zoneOf(domain, one.zone ?? [], box.mx.pair.certificate));
    const before = box.mx.connections;
    const { result, security, reply } = await box.send(domain);
    assert.equal(`${result} ${security}`, one.want, reply);
    if (one.reply !== undefined) assert.match(reply, one.reply);
    assert.deepEqual(box.counted(), [`${domain} ${one.counted}`]);
    const from = box.mx.connections > before ? "127.0.0.1" : undefined;
    assert.deepEqual(box.sources, box.sources.length === 0 ? [] : [from]);
    assert.equal(box.mx.taken.filter(({ to }) => to === `a@${domain}`).length, result === "sent" ? 1 : 0);
    assert.ok(box.policies.asked.every((what) => what.endsWith("/.well-known/mta-sts.txt")));
  });
}

test("mta-sts: no record, no visit", async () => {
  const before = box.policies.asked.length;
  box.mx.startTls = "works";
  box.dns.setZone("plain.test MX 10 mx.plain.test\nmx.plain.test A 127.0.0.2");
  const { result, security } = await box.send("plain.test");
  assert.equal(`${result} ${security}`, "sent opportunistic");
  assert.equal(box.policies.asked.length, before);
  assert.deepEqual(box.counted(), ["plain.test no-policy-found 1/0"]);
});

test("mta-sts: what is known outlives a DNS and a policy host that lie or fall silent", async () => {
  const domain = "known.test";
  const pem = certificateFor(`mx.${domain}`);
  box.mx.pair = pem;
  box.mx.startTls = "works";
  box.policies.show(certificateFor(`mta-sts.${domain}`));
  box.policies.answer = { body: withDomain(ENFORCE.body, domain) };
  box.dns.setZone(zoneOf(domain, [], pem.certificate));
  assert.equal((await box.send(domain)).security, "mta-sts");
  const visits = box.policies.asked.length;
  box.policies.answer = { status: 404, body: "" };
  assert.equal((await box.mtaSts.policyFor(domain)).kind, "policy", "known by its id");
  assert.equal(box.policies.asked.length, visits);
  const mx = `${domain} MX 10 mx.${domain}\nmx.${domain} A 127.0.0.2`;
  const zones = [mx, `${mx}\n_mta-sts.${domain} SERVFAIL`, zoneOf(domain, [], pem.certificate, "2")];
  for (const zone of zones) {
    box.dns.setZone(zone);
    assert.equal((await box.mtaSts.policyFor(domain)).kind, "policy", zone);
  }
  assert.equal(
    box.policies.asked.length,
    visits + 1,
    "a new id is followed once, then there are five minutes of peace",
  );
  await box.mtaSts.policyFor(domain);
  assert.equal(box.policies.asked.length, visits + 1);
});

test("mta-sts: a smarthost is as configured, whatever its policy says", async () => {
  await using hop = await Box.open(true, (port) => [
    { match: "*", kind: "smtp", host: "127.0.0.2", port, tls: "encrypt" },
  ]);
  hop.policies.answer = { body: withDomain(ENFORCE.body, "far.test") };
  hop.dns.setZone(zoneOf("far.test", [], authority.certificate));
  const { result, security } = await hop.send("far.test");
  assert.equal(`${result} ${security}`, "sent opportunistic");
  assert.deepEqual(hop.counted(), []);
  assert.deepEqual(hop.dns.asked, []);
});

test("mta-sts: a policy host that accepts and stays silent is left when time is up", async () => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const dns = await startDnsServer({ zone: "mta-sts.silent.test A 127.0.0.1" });
  const { port } = silent.address() as AddressInfo;
  const fetching = {
    dns: dnsClient([{ address: "127.0.0.1", port: dns.port }]),
    request,
    port,
    allowLoopback: true,
  };
  const domain = parseDomain("silent.test");
  assert.ok(domain);
  const fetched = await mtaStsFetch(fetching)(domain, AbortSignal.timeout(100));
  assert.equal(fetched.ok ? "" : fetched.error.result, "sts-policy-fetch-error");
  const forbidden = await mtaStsFetch({ ...fetching, allowLoopback: false })(domain);
  assert.match(forbidden.ok ? "" : forbidden.error.detail, /no address on the Internet/);
  dns.close();
  silent.close();
});
