/** Every check of the preflight: seen fine, and seen wrong, on a machine and a DNS that are so. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { parseIp } from "../../src/base/ip.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { netOver } from "../../src/doctor/net.ts";
import { addressCheck } from "../../src/setup/preflight/address.ts";
import { clockCheck } from "../../src/setup/preflight/clock.ts";
import { diskCheck } from "../../src/setup/preflight/disk.ts";
import { domainCheck } from "../../src/setup/preflight/domain.ts";
import type { Ground, PreflightCheck, PreflightFinding } from "../../src/setup/preflight/finding.ts";
import { keptFindingSchema, keptOf } from "../../src/setup/preflight/kept.ts";
import type { Job } from "../../src/setup/job.ts";
import { preflightJson } from "../../src/setup/preflight-lines.ts";
import { preflightStep } from "../../src/setup/steps/preflight.ts";
import { PREFLIGHT_NOTES } from "../../src/setup/words/preflight.ts";
import { reasonText } from "../../src/setup/words/reasons.ts";
import { listsCheck } from "../../src/setup/preflight/lists.ts";
import { memoryCheck } from "../../src/setup/preflight/memory.ts";
import { nameCheck } from "../../src/setup/preflight/name.ts";
import { nodeCheck } from "../../src/setup/preflight/node.ts";
import { outboundCheck } from "../../src/setup/preflight/outbound.ts";
import { resolverCheck } from "../../src/setup/preflight/resolver.ts";
import { reverseCheck } from "../../src/setup/preflight/reverse.ts";
import { settle } from "../../src/setup/settle.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { mountable, mountTmpfs } from "../e2e/tmpfs.ts";
import { pebbleMissing, startPebble, type Pebble } from "../tls/pebble.ts";
import { Workshop } from "./workshop.ts";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";

/** A public address that is not ours; nothing is sent to it. */
const ADDRESS = "9.9.9.9";
const REVERSE = "9.9.9.9";
const domain = parseDomain("example.test") as Domain;

let dns: Awaited<ReturnType<typeof startDnsServer>>;
let signed: Awaited<ReturnType<typeof startDnsServer>>;
let pebble: Pebble;
let shop: Workshop;
before(async () => {
  shop = await Workshop.open();
  dns = await startDnsServer({ zone: "" });
  signed = await startDnsServer({ zone: "org NS ns.org.test", authenticated: true });
  if (!pebbleMissing) pebble = await startPebble();
});
after(async () => {
  dns.close();
  signed.close();
  shop[Symbol.dispose]();
  if (!pebbleMissing) await pebble[Symbol.asyncDispose]();
});

type Setting = {
  readonly zone?: string;
  readonly hostName?: string;
  readonly address?: string;
  readonly data?: string;
  readonly outside?: Ground["outside"];
  readonly authenticated?: boolean;
  readonly clockOff_ms?: number;
  readonly setsReverse?: boolean;
};

async function graded(check: PreflightCheck, setting: Setting): Promise<string> {
  dns.setZone(setting.zone ?? "");
  const around = { root: false, systemd: false, person: undefined, publicAddresses: [] };
  const wishes = { publicAddresses: [], listen: [], ports: {}, dnsServers: [] };
  const answers = settle(domain, setting.data ?? shop.directory, wishes, undefined, around);
  if (!pebbleMissing) writeFileSync(shop.file("ca.pem"), pebble.ca);
  const acme = pebbleMissing
    ? {}
    : {
        acme: { directory: pebble.directoryUrl, challenge: "http-01" as const, caFile: shop.file("ca.pem") },
      };
  const clock = { ...systemClock, now: () => Date.now() + (setting.clockOff_ms ?? 0) };
  const { port } = setting.authenticated ? signed : dns;
  const findings = await check({
    answers: { ...answers, ...acme },
    domain,
    hostName: parseDomain(setting.hostName ?? "mail.example.test") as Domain,
    addresses: setting.address === "" ? [] : [parseIp(setting.address ?? ADDRESS) ?? assert.fail()],
    net: netOver(dnsClient([{ address: "127.0.0.1", port }]), clock, undefined),
    setsReverse: async () => setting.setsReverse ?? false,
    outside: setting.outside ?? [],
  });
  assertGerman(findings);
  return findings.map(({ grade, note }) => (note === undefined ? grade : `${grade} ${note}`)).join(", ");
}

/** What stands in a German report; a command alone is the same in both languages. */
function assertGerman(findings: readonly PreflightFinding[]): void {
  const english = preflightJson(findings, "en");
  for (const [at, one] of preflightJson(findings, "de").entries()) {
    if (one.note === undefined) continue;
    const { why, remedy } = PREFLIGHT_NOTES[one.note];
    assert.ok(why.en === why.de || one.why !== english[at]?.why, String(one.why));
    assert.ok(remedy.en === remedy.de || one.remedy !== english[at]?.remedy, String(one.remedy));
    const { reason } = findings[at]?.values ?? {};
    assert.ok(reason === undefined || reasonText(reason, "de") !== reason, `no words for “${reason}”`);
  }
}

const LISTS = ["zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com", "bl.mailspike.net"];
/** Lists answer that they do not know an address with NXDOMAIN. */
const CASES: readonly (readonly [name: string, check: PreflightCheck, setting: Setting, want: string])[] = [
  ["this Node", nodeCheck, {}, "ok"],
  ["this machine's memory", memoryCheck, {}, "ok"],
  ["this machine's disk", diskCheck, {}, "ok"],
  ["a good name", nameCheck, {}, "ok"],
  ["a name of private networks", nameCheck, { hostName: "mail.fritz.lan" }, "fail name-local"],
  ["a name without a dot", nameCheck, { hostName: "mail" }, "fail name-odd"],
  ["a name that is no host's", nameCheck, { hostName: "my_mail.example.test" }, "fail name-odd"],
  ["a domain", domainCheck, { zone: "example.test NS ns.test" }, "ok"],
  [
    "a subdomain of one",
    domainCheck,
    { zone: "example.test A 192.0.2.1\ntest NS ns.test" },
    "fail domain-missing",
  ],
  ["nobody's domain", domainCheck, {}, "fail domain-missing"],
  [
    "a domain whose mail is elsewhere",
    domainCheck,
    { zone: "example.test NS ns.test\nexample.test MX 10 mx.other.test" },
    "warn domain-elsewhere",
  ],
  [
    "a domain that receives nothing",
    domainCheck,
    { zone: "example.test NS ns.test\nexample.test MX 0 ." },
    "ok",
  ],
  ["a DNS that fails", domainCheck, { zone: "example.test SERVFAIL" }, "unknown domain-unknown"],
  ["a resolver that validates", resolverCheck, { authenticated: true }, "ok"],
  ["one that does not", resolverCheck, { zone: "org NS ns.org.test" }, "warn resolver-remote"],
  ["one that is silent", resolverCheck, {}, "unknown resolver-silent"],
  ["a public address", addressCheck, {}, "ok"],
  ["a private one", addressCheck, { address: "192.168.1.5" }, "warn address-private"],
  ["none", addressCheck, { address: "" }, "unknown address-none"],
  [
    "a reverse name that leads back",
    reverseCheck,
    { zone: `${REVERSE}.in-addr.arpa PTR mail.example.test\nmail.example.test A ${ADDRESS}` },
    "ok",
  ],
  ["no reverse name", reverseCheck, {}, "fail reverse-missing"],
  ["none yet, but ours to set", reverseCheck, { setsReverse: true }, "warn reverse-todo"],
  [
    "another reverse name",
    reverseCheck,
    { zone: `${REVERSE}.in-addr.arpa PTR host9.provider.test` },
    "warn reverse-different",
  ],
  [
    "one that does not lead back",
    reverseCheck,
    { zone: `${REVERSE}.in-addr.arpa PTR mail.example.test` },
    "warn reverse-unconfirmed",
  ],
  [
    "a reverse zone that fails",
    reverseCheck,
    { zone: `${REVERSE}.in-addr.arpa SERVFAIL` },
    "unknown reverse-unknown",
  ],
  ["on no list", listsCheck, {}, "ok"],
  ["on a list", listsCheck, { zone: `${REVERSE}.zen.spamhaus.org A 127.0.0.2` }, "ok, fail list-listed"],
  [
    "lists that refuse to answer",
    listsCheck,
    { zone: LISTS.map((list) => `${REVERSE}.${list} A 127.255.255.254`).join("\n") },
    Array.from(LISTS, () => "unknown list-refused").join(", "),
  ],
  [
    "a list that fails",
    listsCheck,
    { zone: `${REVERSE}.bl.spamcop.net SERVFAIL` },
    "ok, unknown list-unknown",
  ],
  [
    "a list that was sold",
    listsCheck,
    { zone: `${REVERSE}.bl.spamcop.net A 203.0.113.1` },
    "ok, unknown list-refused",
  ],
  ["port 25 is shut", outboundCheck, { outside: [{ host: "127.0.0.1", port: 1 }] }, "fail outbound-closed"],
  [
    "no name to try",
    outboundCheck,
    { outside: [{ host: "mx.other.test", port: 25 }] },
    "unknown outbound-unknown",
  ],
];
for (const [name, check, setting, want] of CASES)
  test(`${name}: ${want}`, async () => assert.equal(await graded(check, setting), want));

test("port 25 is open: ok", async () => {
  const stranger = createServer((socket) => socket.on("error", () => {}).end("220 mx.other.test ESMTP\r\n"));
  stranger.listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  const outside = [{ host: "127.0.0.1", port }];
  assert.equal(await graded(outboundCheck, { outside }), "ok");
  stranger.close();
});

test("the clock against an authority's", { skip: pebbleMissing }, async () => {
  assert.equal(await graded(clockCheck, {}), "ok");
  assert.equal(await graded(clockCheck, { clockOff_ms: 60_000 }), "fail clock-off");
  assert.equal(await graded(clockCheck, { clockOff_ms: -60_000 }), "fail clock-off");
});

test("a clock nobody can be asked about says so in words", async () => {
  const reasons = ["connect ECONNREFUSED 127.0.0.1:1", "getaddrinfo ENOTFOUND x.test", "read ECONNRESET"];
  for (const reason of reasons)
    assertGerman([
      {
        check: "clock",
        grade: "unknown",
        evidence: "",
        note: "clock-unknown",
        values: { host: "x", reason },
      },
    ]);
  const answers = settle(
    domain,
    shop.directory,
    { publicAddresses: [], listen: [], ports: {}, dnsServers: [] },
    undefined,
    {
      root: false,
      systemd: false,
      person: undefined,
      publicAddresses: [],
    },
  );
  const found = await clockCheck({
    answers: { ...answers, acme: { directory: "https://127.0.0.1:1/dir", challenge: "http-01" } },
    domain,
    hostName: domain,
    addresses: [],
    net: netOver(dnsClient([]), systemClock, undefined),
    setsReverse: async () => false,
    outside: [],
  });
  assert.deepEqual(
    found.map(({ note }) => note),
    ["clock-unknown"],
  );
  assertGerman(found);
});

test("what an earlier preflight found is told in the language of the next run", async () => {
  const failures = [
    { check: "name", grade: "fail", evidence: "mail", note: "name-odd", values: { name: "mail", domain } },
  ] as const;
  const preflight = { at_ms: Date.now(), counts: { ok: 0, warn: 0, fail: 1, unknown: 0 }, failures };
  const kept = keptFindingSchema.array().parse(JSON.parse(JSON.stringify(failures)));
  assert.deepEqual(kept, keptOf(kept));
  const job = { state: { preflight }, clock: systemClock, language: "de" } as unknown as Job;
  const look = await preflightStep.look(job);
  assert.match(look.lines?.join("\n") ?? "", /ist kein Name, den die Welt benutzen kann/);
  assert.throws(() => keptFindingSchema.parse({ ...failures[0], note: "toString" }));
});

test("a small disk", { skip: mountable() }, async () => {
  mkdirSync(shop.file("small"));
  using _disk = mountTmpfs(shop.file("small"), "8m");
  assert.equal(await graded(diskCheck, { data: shop.file("small/below/that") }), "fail disk-low");
});
