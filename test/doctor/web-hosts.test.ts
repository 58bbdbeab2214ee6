/** Which web servers are looked at: what a domain names in the DNS, and what of it is ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Domain } from "../../src/base/domain-name.ts";
import type { Dns, RecordType } from "../../src/dns/answer.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/schema.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { HostTarget } from "../../src/doctor/probe.ts";
import { attackedHosts, foreignPlan, hostPlan, ownPlan } from "../../src/doctor/targets.ts";
import { evidenceText } from "../../src/doctor/words/told.ts";
import { GOOD_FACTS } from "./own-controls.ts";
import { startScripted } from "./scripted-server.ts";
import { domainOf, DOMAIN, GOOD_ZONE, HOST, startWorld, TARGET, type World } from "./world.ts";

const shown = ({ name, address, port, ours, again, announced }: HostTarget): string =>
  [name, address, port, ours && "ours", again && "again", announced && "announced"]
    .filter((part) => part !== undefined && part !== false)
    .join(" ");
const webOf = (hosts: readonly HostTarget[]): readonly string[] =>
  hosts.filter(({ service }) => service === "web").map(shown);

const POLICY = "mta-sts.example.org A 192.0.2.7";
const FOREIGN: readonly (readonly [name: string, zone: string, want: readonly string[]])[] = [
  ["nothing is named", "", []],
  ["a policy host", POLICY, ["mta-sts.example.org 192.0.2.7 443 announced"]],
  [
    "one server with both",
    `${POLICY}\nautoconfig.example.org CNAME mta-sts.example.org`,
    ["mta-sts.example.org 192.0.2.7 443 announced", "autoconfig.example.org 192.0.2.7 443 again announced"],
  ],
  [
    "two, and no third",
    `${POLICY}\nautoconfig.example.org A 192.0.2.8\nautodiscover.example.org A 192.0.2.9`,
    ["mta-sts.example.org 192.0.2.7 443 announced", "autoconfig.example.org 192.0.2.8 443 announced"],
  ],
  [
    "JMAP on a port of its own",
    "_jmap._tcp.example.org SRV 0 1 8443 jmap.example.org\njmap.example.org A 192.0.2.9",
    ["jmap.example.org 192.0.2.9 8443 announced"],
  ],
  [
    "JMAP where the settings are",
    "_jmap._tcp.example.org SRV 0 1 443 autoconfig.example.org\nautoconfig.example.org A 192.0.2.9",
    ["autoconfig.example.org 192.0.2.9 443 announced"],
  ],
];
/** Without the SRV records of the good zone, which would be visited first. */
const BARE = GOOD_ZONE.replaceAll(/^_(?:imaps|submissions).*$/gm, "");

/** Web servers of the documentation's addresses listen, on this machine; at the last of them nobody does. */
const SHUT = "192.0.2.66";
async function startWebWorld(zone: string): Promise<World> {
  const world = await startWorld(zone);
  const server = await startScripted({ service: "web" });
  const at = (address: string) => ({ address: "127.0.0.1", port: address === SHUT ? 1 : server.port });
  return {
    ...world,
    net: { ...world.net, connect: ({ address }) => world.net.connect(at(address)) },
    close() {
      server.close();
      world.close();
    },
  };
}

for (const [name, zone, want] of FOREIGN) {
  test(`of others: ${name}`, async () => {
    const world = await startWebWorld(`${BARE}\n${zone}`);
    const plan = await foreignPlan({ domain: DOMAIN, selectors: [] }, world.net);
    world.close();
    assert.deepEqual(webOf(plan.hosts), want);
  });
}

const configOf = (toml: string): Config => {
  const parsed = parseConfig(`hostname = "${HOST}"\n${toml}`);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
};

test("settings whose HTTPS nobody answers are not known, and not visited further; a policy has to be had", async () => {
  const world = await startWebWorld(
    `${BARE}\nmta-sts.example.org A ${SHUT}\nautoconfig.example.org A ${SHUT}`,
  );
  const plans = [
    await foreignPlan({ domain: DOMAIN, selectors: [] }, world.net),
    await ownPlan(
      { domains: [TARGET], authorities: undefined, facts: GOOD_FACTS, config: configOf("") },
      world.net,
    ),
  ];
  world.close();
  for (const { hosts, leftOut } of plans) {
    assert.deepEqual(webOf(hosts), ["mta-sts.example.org 192.0.2.66 443 announced"]);
    assert.deepEqual(
      leftOut.map(({ check, subject, grade, evidence }) => [
        check,
        subject,
        grade,
        evidenceText(evidence, "en"),
      ]),
      [
        [
          "client-setup",
          "autoconfig.example.org",
          "unknown",
          "autoconfig.example.org:443: ECONNREFUSED; settings over HTTP alone are not trusted",
        ],
      ],
    );
  }
});

test("of others: a domain whose every name leads to one web server has not meant these", async () => {
  const world = await startWorld(`${BARE}\n${POLICY}\nall.example.net A 192.0.2.8`);
  const all = await world.net.dns.query(domainOf("all.example.net"), "A");
  const dns = {
    query: async (name: Domain, type: RecordType) => {
      const answer = await world.net.dns.query(name, type);
      return type === "A" && answer.kind === "nxdomain" ? all : answer;
    },
  } as Dns;
  const plan = await foreignPlan({ domain: DOMAIN, selectors: [] }, { ...world.net, dns });
  world.close();
  assert.deepEqual(webOf(plan.hosts), ["mta-sts.example.org 192.0.2.7 443 announced"]);
});

test("of others: without a record of MTA-STS its name means nothing", async () => {
  const world = await startWorld(`${BARE.replace(/^_mta-sts.*$/m, "")}\n${POLICY}`);
  const plan = await foreignPlan({ domain: DOMAIN, selectors: [] }, world.net);
  const one = await hostPlan("mail.example.org:443", [], world.net);
  world.close();
  assert.deepEqual(webOf(plan.hosts), []);
  assert.equal(one.ok && one.value.hosts[0]?.service, "web");
});

const OPEN = "[listeners.web]\nenabled = true\nport = 8443\n";
const LEADS_HERE = "mta-sts.example.org CNAME mail.example.org\nautoconfig.example.org A 192.0.2.9";

test("of ours: the console's name, and each name of a domain at our door or where it leads", async () => {
  const world = await startWebWorld(`${GOOD_ZONE}\n${LEADS_HERE}`);
  const certificate = { notBefore_ms: 0, notAfter_ms: 0, own: false, names: ["mail.example.org"] };
  const asked = { domains: [TARGET], authorities: undefined, facts: { ...GOOD_FACTS, certificate } };
  const open = await ownPlan({ ...asked, config: configOf(OPEN) }, world.net);
  const shut = await ownPlan({ ...asked, config: configOf("") }, world.net);
  world.close();
  assert.deepEqual(webOf(open.hosts), [
    "mail.example.org 127.0.0.1 8443 ours",
    "mta-sts.example.org 127.0.0.1 8443 ours again",
    "autoconfig.example.org 192.0.2.9 443 announced",
  ]);
  assert.deepEqual(open.domains[0]?.ours?.certified, certificate.names, "CAA has to allow what we renew");
  assert.deepEqual(webOf(shut.hosts), [
    "mta-sts.example.org 93.184.216.34 443 ours announced",
    "autoconfig.example.org 192.0.2.9 443 announced",
  ]);
});

test("of ours: what a configuration says of another machine's address makes it none of ours", async () => {
  const world = await startWorld(GOOD_ZONE);
  const config = configOf('[listeners.smtp]\naddresses = ["127.0.0.6"]\n');
  const asked = { config, domains: [TARGET], authorities: undefined, facts: GOOD_FACTS };
  const { hosts } = await ownPlan(asked, world.net);
  const attacked = attackedHosts(config, [DOMAIN], undefined, world.net);
  world.close();
  const doors = hosts.filter(({ announced }) => announced !== true);
  assert.deepEqual(doors.map(({ service, ours }) => [service, ours]).slice(0, 2), [
    ["smtp", false],
    ["submissions", true],
  ]);
  assert.ok(attacked.length > 0 && attacked.every(({ address }) => address === "127.0.0.1"));
});

test("a second name of a server costs one handshake, and its certificate is judged by that name", async () => {
  const world = await startWorld("");
  const server = await startScripted({ service: "web" });
  const host: HostTarget = {
    name: HOST,
    address: "127.0.0.1",
    port: server.port,
    service: "web",
    domains: [DOMAIN],
    ours: true,
  };
  let visits = 0;
  const net = {
    ...world.net,
    connect: (to: HostTarget) => (visits++, world.net.connect(to)),
  } as typeof world.net;
  const again = { ...host, name: "mta-sts.example.org" as typeof HOST, again: true };
  const findings = await examine({ domains: [], addresses: [], hosts: [again], leftOut: [] }, net);
  server.close();
  world.close();
  assert.equal(visits, 1);
  const named = findings.find(({ check }) => check === "cert-name");
  assert.deepEqual([named?.grade, named?.subject], ["fail", `mta-sts.example.org:${server.port}`]);
});
