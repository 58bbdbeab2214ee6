/** Every check of the doctor where nobody answers, and where everybody hangs up: nothing is ok that nobody has said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { Secret } from "../../src/base/secret.ts";
import { err } from "../../src/base/result.ts";
import type { Domain } from "../../src/base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../../src/dns/answer.ts";
import { attack } from "../../src/doctor/attack/attack.ts";
import { ATTACKED, ATTACKS } from "../../src/doctor/attack/cases.ts";
import { CHECK_IDS, FAMILIES, type CheckId, type Family } from "../../src/doctor/checks.ts";
import { examine, runProbe, type Plan } from "../../src/doctor/examine.ts";
import { ADDRESS_PROBES, DOMAIN_PROBES, hostProbes, OWN_PROBES } from "../../src/doctor/families.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { OwnServerFacts } from "../../src/doctor/own-server.ts";
import { visit } from "../../src/doctor/probe-client.ts";
import type { HostTarget, Net, Service } from "../../src/doctor/probe.ts";
import { isImplicit } from "../../src/doctor/probes/open-tls.ts";
import { spf } from "../../src/doctor/probes/spf.ts";
import { foreignPlan, hostPlan } from "../../src/doctor/targets.ts";
import { evidenceText, told } from "../../src/doctor/words/told.ts";
import { GOOD_FACTS } from "./own-controls.ts";
import { startHostile, type Stage } from "./hostile-server.ts";
import { GOOD_PAIR } from "./scripted-server.ts";
import { domainOf, DOMAIN, GOOD_ZONE, HOST, startWorld, TARGET, zoneWith } from "./world.ts";

const SERVICES: readonly Service[] = [
  "smtp",
  "submission",
  "submissions",
  "imap",
  "imaps",
  "pop3",
  "pop3s",
  "web",
];

/** What is green all the same, and what it is about instead. */
const ABOUT_ELSE: Partial<Readonly<Record<CheckId, string>>> = {
  settings: "the configuration, as it was read",
  "spf-alone": "the configuration, as it was read",
  "secret-files": "files the configuration names: it names none",
  "node-version": "the program itself",
  "report-bomb": "reports are opened by our own reader, here",
};
/** … where a connection comes about, and where TLS does. */
const ABOUT_CONNECTION: typeof ABOUT_ELSE = { ...ABOUT_ELSE, reachable: "the port took the connection" };
const TLS_CHECKS = CHECK_IDS.filter((id) =>
  /^(?:tls|ssl|cipher|cert|dh|weak|key|secure|ext|hear|fall)/.test(id),
);
const ABOUT_TLS: typeof ABOUT_ELSE = {
  ...ABOUT_CONNECTION,
  ...Object.fromEntries(TLS_CHECKS.map((id) => [id, "the handshake, which came about"])),
  "auth-before-tls": "TLS came first, so nothing is said in clear",
};

function assertUnheard(found: readonly Finding[], about: typeof ABOUT_ELSE, where: string): void {
  for (const finding of found) {
    const { check, grade, subject } = finding;
    const what = `${where}, ${subject}: ${check} is ${grade} (${evidenceText(finding.evidence, "en")})`;
    if (grade === "ok") assert.ok(about[check] !== undefined, what);
    if (grade !== "unknown") continue;
    const text = told(finding, "en")?.why ?? "";
    assert.doesNotMatch(text, /: \.$|\(\)|undefined|\{/, `${what}: ${text}`);
  }
}

const silentDns: Dns = { query: () => Promise.resolve({ kind: "failure", reason: "timeout" }) };
const world = await startWorld(GOOD_ZONE);
test.after(() => world.close());

const HASTE = { connect_ms: 2_000, answer_ms: 200 };
/** Pauses before strangers are none. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 2_000 ? 1 : ms, signal),
};
const SILENT: Net = {
  ...world.net,
  clock,
  dns: silentDns,
  dnsAt: () => silentDns,
  policyOf: () => Promise.resolve(err({ result: "sts-policy-fetch-error", detail: "ETIMEDOUT" })),
  connect: (host) => visit(host, HASTE),
};

/** What a machine tells of which nothing can be read. */
const NOTHING_READ: OwnServerFacts = {
  ...GOOD_FACTS,
  disk: undefined,
  dataMode: undefined,
  queue: undefined,
  backup_ms: undefined,
  drill: undefined,
  secretFiles: [],
  oldPasswords: undefined,
  certificate: undefined,
  settingsTried: undefined,
  refusedRoles: undefined,
  clockFollows: undefined,
  resolver: undefined,
  schedule: undefined,
  updates: undefined,
  canary: undefined,
};

const hostOf = (service: Service, port: number, ours: boolean): HostTarget => ({
  name: HOST,
  address: "127.0.0.1",
  port,
  service,
  domains: [DOMAIN],
  ours,
  proven: true,
});

/** Every probe by itself, since a visit that fails makes `examine` spare the others. */
async function everyProbe(hosts: readonly HostTarget[], net: Net): Promise<readonly Finding[]> {
  const ofHosts = hosts.flatMap((host) =>
    hostProbes(host.service).map((probe) => runProbe(probe, host, "h", net)),
  );
  const ofAddresses = hosts
    .slice(0, 1)
    .flatMap((host) =>
      ADDRESS_PROBES.map((probe) =>
        runProbe(probe, { ...host, address: "93.184.216.34", sends: true }, "a", net),
      ),
    );
  const ofDomains = [TARGET, { domain: DOMAIN, selectors: ["s1"] }].flatMap((target) =>
    DOMAIN_PROBES.map((probe) => runProbe(probe, target, DOMAIN, net)),
  );
  const ofOwn = OWN_PROBES.map((probe) => runProbe(probe, NOTHING_READ, HOST, net));
  return (await Promise.all([...ofHosts, ...ofAddresses, ...ofDomains, ...ofOwn])).flat();
}

const attacked = async (
  hosts: readonly HostTarget[],
  net: Net,
  only: readonly CheckId[] = ATTACKED,
): Promise<readonly Finding[]> => {
  const account = { login: `a@${DOMAIN}`, password: new Secret("a password") };
  return (await attack({ hosts, domain: DOMAIN, account }, net, { only })).findings;
};

/** Checks that no visit here makes: they are said of all visits together, or read from files. */
const NOT_VISITED: readonly CheckId[] = ["server-answers", "postfix", "update-state", "canary"];
const NOT_APPLYING: readonly CheckId[] = [
  "backup-drill",
  "settings-tried",
  "self-examination",
  "mx-ipv6-reach",
];

test("where nothing answers no check is ok, and all of them are looked at", async () => {
  const hosts = SERVICES.map((service) => hostOf(service, 1, true));
  const found = [...(await everyProbe(hosts, SILENT)), ...(await attacked(hosts, SILENT))];
  assertUnheard(found, ABOUT_ELSE, "nobody listens");
  const said = new Set(found.map(({ check }) => check));
  const unsaid = CHECK_IDS.filter((id) => !said.has(id));
  assert.deepEqual(
    unsaid.filter((id) => ![...NOT_VISITED, ...NOT_APPLYING].includes(id)),
    [],
  );
  assert.ok(ATTACKS.every(({ check }) => said.has(check)));
});

const TLS_FIRST = SERVICES.filter(isImplicit);
/** … and where it greets before. */
const GREETED = { "web-speech": "it greeted, and hung up on the browser" } as const;
const ABOUT_INSIDE: typeof ABOUT_ELSE = {
  ...ABOUT_TLS,
  ...GREETED,
  "early-data": "the tickets, which came with the greeting",
  "client-renegotiation": "a handshake after the greeting, which it ended",
};
const HANGS_UP: readonly (readonly [stage: Stage, services: readonly Service[], about: typeof ABOUT_ELSE])[] =
  [
    ["connect", SERVICES, ABOUT_CONNECTION],
    // At the first command.
    ["greeting", SERVICES.filter((one) => !isImplicit(one)), { ...ABOUT_CONNECTION, ...GREETED }],
    ["tls", TLS_FIRST, ABOUT_TLS],
    ["inside", TLS_FIRST, ABOUT_INSIDE],
  ];
for (const [stage, services, about] of HANGS_UP) {
  test(`where everybody hangs up (${stage}) no check is ok`, async () => {
    const servers = await Promise.all(
      services.map((service) => startHostile({ service, stage, mischief: "close", pair: GOOD_PAIR })),
    );
    const hosts = services.map((service, at) => hostOf(service, servers[at]?.port ?? 1, true));
    // A slow attack waits for a minute for a server that does.
    const isSlow = (check: CheckId): boolean =>
      ATTACKS.some((one) => one.check === check && one.weight === "slow");
    const only = ATTACKED.filter((check) => stage === "connect" || !isSlow(check));
    const found = [...(await everyProbe(hosts, SILENT)), ...(await attacked(hosts, SILENT, only))];
    for (const server of servers) server.close();
    assertUnheard(found, about, `hangs up: ${stage}`);
  });
}

test("each family asked for alone, at a host that is shut and a domain no DNS tells of", async () => {
  for (const place of [
    "imaps://localhost:1",
    "submissions://localhost:1",
    "pop3s://localhost:1",
    "localhost:1",
  ]) {
    const plan = await hostPlan(place, [], SILENT);
    assert.ok(plan.ok);
    for (const family of Object.keys(FAMILIES) as Family[])
      assertUnheard(
        await examine({ ...plan.value, only: [family] }, SILENT),
        {},
        `${place} --only ${family}`,
      );
  }
  const plan: Plan = await foreignPlan({ domain: DOMAIN, selectors: [] }, SILENT);
  assertUnheard(await examine(plan, SILENT), {}, "a silent DNS");
});

/** The good world, but for one question. */
function deafTo(question: string, asked: Map<string, Promise<DnsAnswer<unknown>>>): Dns {
  return {
    query<T extends RecordType>(name: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> {
      const key = `${name} ${type}`;
      if (key === question) return silentDns.query(name, type);
      const answer = asked.get(key) ?? world.net.dns.query(name, type);
      asked.set(key, answer);
      return answer as Promise<DnsAnswer<RecordData[T]>>;
    },
  };
}

/** A question whose answer is needed by no check: why. */
const NEEDLESS: Readonly<Record<string, string>> = {
  "org NS": "another signed zone is asked whether the resolver validates",
  "ns1.example.net A": "it is asked at its IPv6 address",
  "ns2.example.net A": "it is asked at its IPv6 address",
};

test("each question to the DNS that is not answered leaves something unknown", async () => {
  const asked = new Map<string, Promise<DnsAnswer<unknown>>>();
  const address: HostTarget = {
    ...hostOf("smtp", 25, false),
    address: "93.184.216.40",
    name: domainOf("out.example.org"),
    sends: true,
    sendsOnly: true,
  };
  const look = async (question: string): Promise<readonly Finding[]> => {
    const net = { ...world.net, dns: deafTo(question, asked) };
    const ofDomain = DOMAIN_PROBES.map((probe) => runProbe(probe, TARGET, DOMAIN, net));
    const ofAddress = ADDRESS_PROBES.map((probe) => runProbe(probe, address, "a", net));
    return (await Promise.all([...ofDomain, ...ofAddress])).flat();
  };
  const unknowns = (found: readonly Finding[]): number =>
    found.filter(({ grade }) => grade === "unknown").length;
  const usual = unknowns(await look(""));
  // Those of an undisturbed examination: what is asked instead of one that failed may have no use.
  const questions = Array.from(asked.keys());
  const missed: string[] = [];
  for (const question of questions) {
    if (unknowns(await look(question)) <= usual && NEEDLESS[question] === undefined) missed.push(question);
  }
  assert.ok(asked.size > 40, `${asked.size} questions`);
  assert.deepEqual(missed, []);
});

test("an SPF record that includes what the DNS does not give: nobody knows whether that can be read, and what it uses", async () => {
  const lost = await startWorld(
    zoneWith(
      ["example.org TXT v=spf1"],
      ["example.org TXT v=spf1 include:lost.test -all", "lost.test SERVFAIL"],
    ),
  );
  const found = await runProbe(spf, { domain: DOMAIN, selectors: [] }, DOMAIN, lost.net);
  lost.close();
  const grades = Object.fromEntries(found.map(({ check, grade }) => [check, grade]));
  assert.deepEqual(grades, {
    "spf-record": "ok",
    "spf-ending": "ok",
    "spf-syntax": "unknown",
    "spf-lookups": "unknown",
    "spf-voids": "unknown",
    "spf-ptr": "unknown",
  });
});
