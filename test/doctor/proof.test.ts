/** Whose server is it? What a token proves, and what a liar may write into a zone of his without getting any further. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Result } from "../../src/base/result.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { attack } from "../../src/doctor/attack/attack.ts";
import { examine, type Plan } from "../../src/doctor/examine.ts";
import { visit } from "../../src/doctor/probe-client.ts";
import type { Net } from "../../src/doctor/probe.ts";
import { printOf, proofOf, type Proof, type Unproven } from "../../src/doctor/proof.ts";
import { attackedMailHost, foreignPlan, hostPlan } from "../../src/doctor/targets.ts";
import { told } from "../../src/doctor/words/told.ts";
import { LANGUAGES } from "../../src/journal/words/language.ts";
import { run } from "../e2e/programs.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { startScripted } from "./scripted-server.ts";
import { DOMAIN, domainOf, startWorld, type World } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("command-line.ts", import.meta.url));
const TOKEN = "0123456789abcdef";
const PRINT = printOf(TOKEN);
/** The caller owns example.org and 127.0.0.5; 127.0.0.6 and victim.test are somebody else's. */
const PROVEN = `_wachpost-doctor.example.org TXT ${PRINT}`;
const OURS = "mx.example.org A 127.0.0.5\n5.0.0.127.in-addr.arpa PTR mx.example.org";
const VICTIM = "mail.victim.test A 127.0.0.6\n6.0.0.127.in-addr.arpa PTR mail.victim.test";
const MX = "example.org MX 10 mx.example.org";

const outcome = (result: Result<unknown, Unproven | undefined>): string =>
  result.ok ? "proven" : (result.error?.note ?? "no host");

async function proven(world: World): Promise<Proof> {
  const proof = await proofOf(TOKEN, DOMAIN, world.net.dns);
  assert.ok(proof.ok, JSON.stringify(proof));
  return proof.value;
}

const DOMAINS: readonly (readonly [name: string, zone: string, token: string, want: string])[] = [
  ["the print of the token", PROVEN, TOKEN, "proven"],
  ["another token", PROVEN, TOKEN.toUpperCase(), "token-missing"],
  ["a short one", `_wachpost-doctor.example.org TXT ${printOf("short")}`, "short", "token-short"],
  ["what everybody can read in the DNS", PROVEN, PRINT, "token-missing"],
  [
    "the token itself, for everybody to read",
    `_wachpost-doctor.example.org TXT ${TOKEN}`,
    TOKEN,
    "token-missing",
  ],
  [
    "a text that stands there for another reason",
    "_wachpost-doctor.example.org TXT v=spf1 mx a -all",
    "v=spf1 mx a -all",
    "token-missing",
  ],
  [
    "an alias to where others write",
    `_wachpost-doctor.example.org CNAME all.host.test\nall.host.test TXT ${PRINT}`,
    TOKEN,
    "token-alias",
  ],
  ["at the domain itself", `example.org TXT ${PRINT}`, TOKEN, "token-missing"],
  ["nothing", "", TOKEN, "token-missing"],
  ["a DNS that fails", "_wachpost-doctor.example.org SERVFAIL", TOKEN, "token-doubtful"],
];
test("a token proves its domain where its print stands, and nowhere else", async () => {
  for (const [name, zone, token, want] of DOMAINS) {
    const world = await startWorld(zone);
    const proof = await proofOf(token, DOMAIN, world.net.dns);
    world.close();
    assert.equal(outcome(proof), want, name);
  }
});

const SERVERS: readonly (readonly [name: string, zone: string, want: string])[] = [
  ["the address is called like a host of the domain", `${MX}\n${OURS}`, "proven"],
  [
    "… or like the domain",
    `${MX}\nmx.example.org A 127.0.0.5\nexample.org A 127.0.0.5\n5.0.0.127.in-addr.arpa PTR example.org`,
    "proven",
  ],
  [
    "… by one of its names",
    `${MX}\nold.test A 127.0.0.5\n5.0.0.127.in-addr.arpa PTR old.test\n${OURS}`,
    "proven",
  ],
  [
    "… in a zone of its own for a few addresses (RFC 2317)",
    `${MX}\nmx.example.org A 127.0.0.5\n5.0.0.127.in-addr.arpa CNAME 5.x.test\n5.x.test PTR mx.example.org`,
    "proven",
  ],
  ["the mail host of another", `example.org MX 10 mail.victim.test\n${VICTIM}`, "server-elsewhere"],
  [
    "a name of the domain for another's address",
    `${MX}\nmx.example.org A 127.0.0.6\n${VICTIM}`,
    "server-elsewhere",
  ],
  [
    "an alias for another's name",
    `${MX}\nmx.example.org CNAME mail.victim.test\n${VICTIM}`,
    "server-elsewhere",
  ],
  ["the domain without MX at another's address", `example.org A 127.0.0.6\n${VICTIM}`, "server-elsewhere"],
  ["an address without a name", `${MX}\nmx.example.org A 127.0.0.6`, "server-nameless"],
  [
    "an address whose name leads elsewhere",
    `${MX}\nmx.example.org A 127.0.0.6\n6.0.0.127.in-addr.arpa PTR mail.victim.test`,
    "server-unconfirmed",
  ],
  [
    "an address that calls itself ours, and we do not know it",
    "example.org MX 10 mail.victim.test\nmail.victim.test A 127.0.0.6\n6.0.0.127.in-addr.arpa PTR mx.example.org\nmx.example.org A 127.0.0.5",
    "server-unconfirmed",
  ],
  [
    "a name that only ends alike",
    `${MX}\nmx.example.org A 127.0.0.6\nevilexample.org A 127.0.0.6\n6.0.0.127.in-addr.arpa PTR evilexample.org`,
    "server-elsewhere",
  ],
  [
    "the domain above",
    `${MX}\nmx.example.org A 127.0.0.6\norg A 127.0.0.6\n6.0.0.127.in-addr.arpa PTR org`,
    "server-elsewhere",
  ],
  [
    "another's host, which has the token, too",
    `example.org MX 10 mail.victim.test\n${VICTIM}\n_wachpost-doctor.mail.victim.test TXT ${PRINT}`,
    "proven",
  ],
  [
    "the token at the name in the domain, not at that of the address",
    `${MX}\nmx.example.org A 127.0.0.6\n${VICTIM}\n_wachpost-doctor.mx.example.org TXT ${PRINT}`,
    "server-elsewhere",
  ],
  [
    "another's name for all names leads where others write",
    `example.org MX 10 mail.victim.test\n${VICTIM}\n_wachpost-doctor.mail.victim.test CNAME _wachpost-doctor.example.org`,
    "server-elsewhere",
  ],
  [
    "another's host with another token",
    `example.org MX 10 mail.victim.test\n${VICTIM}\n_wachpost-doctor.mail.victim.test TXT ${printOf("fedcba9876543210")}`,
    "server-elsewhere",
  ],
  [
    "nobody knows the name",
    `${MX}\nmx.example.org A 127.0.0.6\n6.0.0.127.in-addr.arpa SERVFAIL`,
    "server-doubtful",
  ],
  [
    "nobody knows whether it leads back",
    `${MX}\nmx.example.org A 127.0.0.6\n6.0.0.127.in-addr.arpa PTR mail.victim.test\nmail.victim.test SERVFAIL`,
    "server-doubtful",
  ],
  ["no mail at all", "example.org MX 0 .", "no host"],
];
test("a server is the caller's by the name of its address, whatever leads there", async () => {
  for (const [name, zone, want] of SERVERS) {
    const world = await startWorld(`${PROVEN}\n${zone}`);
    const host = await attackedMailHost(await proven(world), world.net);
    world.close();
    assert.equal(outcome(host), want, name);
    if (host.ok || host.error === undefined) continue;
    for (const language of LANGUAGES) {
      const { why, remedy } = told(host.error, language);
      assert.doesNotMatch(`${why} ${remedy}`, /[{}]/, name);
      // The exact record, where one would do.
      if (want === "server-elsewhere")
        assert.match(remedy, new RegExp(`_wachpost-doctor\\.[a-z.]+\\. TXT "${PRINT}"`));
    }
  }
});

const proofs = ({ hosts, leftOut }: Plan): readonly string[] => [
  ...hosts.map(
    ({ name, address, port, proven: isProven }) => `${name} ${address} ${port} ${isProven ?? false}`,
  ),
  ...leftOut.map(({ check, grade, ...rest }) => `${check} ${grade} ${"note" in rest ? rest.note : ""}`),
];

test("each address for itself; what is not tried is unknown, and said", async () => {
  const world = await startWorld(
    `${PROVEN}\n${MX}\n${OURS}\nmx.example.org A 127.0.0.6\n${VICTIM}\n_imaps._tcp.example.org SRV 0 1 993 mx.example.org`,
  );
  const proof = await proven(world);
  const plans = [
    proofs(await foreignPlan({ domain: DOMAIN, selectors: [] }, world.net, proof)),
    proofs(await foreignPlan({ domain: DOMAIN, selectors: [] }, world.net)),
  ];
  world.close();
  assert.deepEqual(plans, [
    [
      "mx.example.org 127.0.0.5 25 true",
      "mx.example.org 127.0.0.6 25 false",
      // What SRV records announce is looked at, and never tried out.
      "mx.example.org 127.0.0.5 993 false",
      "relay-forms unknown server-elsewhere",
      "smuggling unknown server-elsewhere",
    ],
    [
      "mx.example.org 127.0.0.5 25 false",
      "mx.example.org 127.0.0.6 25 false",
      "mx.example.org 127.0.0.5 993 false",
    ],
  ]);
});

test("one host: by name, by address, on this machine", async () => {
  const world = await startWorld(`${PROVEN}\n${MX}\n${OURS}\n${VICTIM}\nother.test A 127.0.0.9`);
  const proof = await proven(world);
  const net: Net = { ...world.net, isOwn: (address) => address === "127.0.0.1" };
  const table: readonly (readonly [text: string, isProven: boolean])[] = [
    ["mx.example.org", true],
    ["127.0.0.5:2525", true],
    ["whatever.test[127.0.0.5]:25", true],
    ["mail.victim.test:25", false],
    ["mx.example.org[127.0.0.6]:25", false],
    ["mx.example.org[::ffff:127.0.0.6]:25", false],
    ["other.test:25", false],
    ["localhost:2525", true],
    ["127.0.0.1:2525", true],
  ];
  const found: unknown[] = [];
  for (const [text] of table) {
    const plan = await hostPlan(text, [DOMAIN], net, proof);
    found.push([text, plan.ok && plan.value.hosts[0]?.proven === true]);
  }
  const unasked = await hostPlan("localhost:2525", [DOMAIN], net);
  world.close();
  assert.deepEqual(found, table);
  assert.ok(unasked.ok && unasked.value.hosts.every(({ proven: isProven }) => isProven !== true));
});

test("another's server is told neither DATA nor a relay in twenty forms, also when the zone turns meanwhile", async () => {
  const [ours, victim] = [await startScripted({}), await startScripted({})];
  const turned = `${PROVEN}\n${MX}\nmx.example.org A 127.0.0.6\n${VICTIM}`;
  const dns = await startDnsServer({ zone: `${turned}\n${OURS}` });
  const world = await startWorld("");
  const net: Net = {
    ...world.net,
    dns: dnsClient([{ address: "127.0.0.1", port: dns.port }]),
    clock: {
      now: () => Date.now(),
      sleep: (duration_ms) => (duration_ms === 2_000 ? Promise.resolve() : new Promise<void>(() => {})),
    },
    connect: ({ address }) =>
      visit({ address: "127.0.0.1", port: address === "127.0.0.5" ? ours.port : victim.port }),
  };
  const proof = await proven({ ...world, net });
  const plan = await foreignPlan({ domain: DOMAIN, selectors: [] }, net, proof);
  const host = await attackedMailHost(proof, net);
  dns.setZone(turned);
  await examine({ ...plan, domains: [], addresses: [], only: ["smtp"] }, net);
  assert.ok(host.ok);
  const visitsBefore = victim.seen.length;
  const before = ours.seen.length;
  await attack({ hosts: [host.value], domain: DOMAIN }, net, { only: ["vrfy"] });
  const came = ours.seen.slice(before).filter((line) => line.startsWith("VRFY")).length;
  for (const each of [ours, victim, dns, world]) each.close();
  const closer = (seen: readonly string[]): boolean =>
    seen.includes("DATA") && seen.some((line) => line.includes("%"));
  assert.deepEqual([closer(ours.seen), closer(victim.seen)], [true, false]);
  assert.ok(!victim.seen.includes("DATA") && victim.seen.some((line) => line.startsWith("EHLO")));
  assert.ok(came > 0, "the attack comes to the address that was proven");
  assert.equal(victim.seen.length, visitsBefore);
});

test("the commands name the record to publish, in the language of the reader", async () => {
  const dns = await startDnsServer({ zone: `${PROVEN}\n${MX}\nmx.example.org A 192.0.2.6` });
  const directory = await mkdtemp(join(tmpdir(), "wachpost-proof-"));
  const config = join(directory, "wachpost.toml");
  await writeFile(
    config,
    `hostname = "mail.tester.test"\ndata = "${directory}"\n[dns]\nservers = ["127.0.0.1:${dns.port}"]\n`,
  );
  const call = (...args: readonly string[]) =>
    run(process.execPath, [PROGRAM, "--config", config, ...args, "--no-history"]);
  const [attacked, fresh] = await Promise.all([
    call("attack", "example.org", "--token", TOKEN, "--lang", "de"),
    call("doctor", "example.org", "--token", "new"),
  ]);
  dns.close();
  await rm(directory, { recursive: true });
  assert.match(attacked.stderr, /192\.0\.2\.6 gibt es keinen R/);
  const [, print, token = ""] =
    /_wachpost-doctor\.example\.org\. TXT "([0-9a-f]{64})" and call: wachpost doctor example\.org --token ([0-9a-f]{24})\n$/.exec(
      fresh.stderr,
    ) ?? [];
  assert.equal(print, printOf(token), fresh.stderr);
  assert.deepEqual([attacked.status, fresh.status], [1, 1]);
});

test("no domain, or one too long for a record below it, proves nothing", async () => {
  const world = await startWorld("");
  const long = domainOf(`${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(50)}.org`);
  const proof = await proofOf(TOKEN, long, world.net.dns);
  const alone = await proofOf(TOKEN, undefined, world.net.dns);
  world.close();
  assert.deepEqual([outcome(proof), outcome(alone)], ["token-name", "token-alone"]);
});
