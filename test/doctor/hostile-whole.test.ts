/** The whole doctor at a mail domain whose every server is hostile: it comes to its end, and each check has its reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../src/base/clock.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { examine, type Plan } from "../../src/doctor/examine.ts";
import { ADDRESS_PROBES, DOMAIN_PROBES, hostProbes } from "../../src/doctor/families.ts";
import { DOCTOR_LIMITS } from "../../src/doctor/limits.ts";
import { visit } from "../../src/doctor/probe-client.ts";
import type { CheckId } from "../../src/doctor/checks.ts";
import type { HostTarget, Net, Probe, Service } from "../../src/doctor/probe.ts";
import { reportText } from "../../src/doctor/report.ts";
import { exitCode } from "../../src/doctor/score.ts";
import { MISCHIEF, startHostile, type Mischief, type Stage } from "./hostile-server.ts";
import { GOOD_PAIR } from "./scripted-server.ts";
import { DOMAIN, HOST, startWorld } from "./world.ts";

/** Minutes become tenths of a second; the order of the limits stays: an answer, a probe, the whole. */
const HURRY = 500;
const HASTE = { connect_ms: 500, answer_ms: 30 };

/** Counts the probes that were given up. */
function hurriedClock(): Clock & { readonly deadlines: () => number } {
  let deadlines = 0;
  return {
    now: () => Date.now(),
    sleep: (duration_ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          if (duration_ms === DOCTOR_LIMITS.probe_ms) deadlines++;
          resolve();
        }, duration_ms / HURRY);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(new Error("over"));
        });
      }),
    deadlines: () => deadlines,
  };
}

/** A name server that was asked and never says anything. */
const mute: Dns = { query: () => new Promise<never>(() => {}) };

const checksOf = <Target>(
  { checks, applies = () => true }: Probe<Target>,
  target: Target,
): readonly CheckId[] => checks.filter((check) => applies(check, target));

const DOORS: readonly (readonly [service: Service, stage: Stage])[] = [
  ["smtp", "ehlo"],
  ["imaps", "inside"],
  ["web", "tls"],
];

test("every server of a domain is hostile, and its DNS is mute: the examination ends, whatever the servers do", async () => {
  await Promise.all((Object.keys(MISCHIEF) as Mischief[]).map(examined));
});

async function examined(mischief: Mischief): Promise<void> {
  const world = await startWorld("");
  const servers = await Promise.all(
    DOORS.map(([service, stage]) => startHostile({ service, stage, mischief, pair: GOOD_PAIR })),
  );
  const hosts = servers.map(({ port }, at): HostTarget => ({
    name: HOST,
    address: "127.0.0.1",
    port,
    service: DOORS[at]?.[0] ?? "smtp",
    domains: [DOMAIN],
    ours: false,
  }));
  const clock = hurriedClock();
  const net: Net = {
    ...world.net,
    clock,
    dns: mute,
    dnsAt: () => mute,
    policyOf: () => new Promise<never>(() => {}),
    connect: (host) => visit(host, HASTE),
  };
  const plan: Plan = {
    domains: [{ domain: DOMAIN, selectors: ["s1"] }],
    addresses: hosts.slice(0, 1),
    hosts,
    leftOut: [],
  };
  const found = await examine(plan, net);
  for (const server of servers) server.close();
  world.close();

  const probes = [
    ...DOMAIN_PROBES,
    ...ADDRESS_PROBES,
    ...hosts.flatMap(({ service }) => hostProbes(service)),
  ];
  assert.ok(clock.deadlines() <= probes.length, "a probe waits for its deadline once");
  assert.ok(clock.deadlines() >= DOMAIN_PROBES.length - 1, `${clock.deadlines()}: the DNS never answers`);
  const said = new Set(found.map(({ check }) => check));
  const wanted = [
    ...plan.domains.flatMap((target) => DOMAIN_PROBES.flatMap((probe) => checksOf(probe, target))),
    ...hosts.flatMap((host) => hostProbes(host.service).flatMap((probe) => checksOf(probe, host))),
  ];
  for (const check of wanted) assert.ok(said.has(check), `${mischief}: nothing about ${check}`);
  assert.notEqual(exitCode(found), 0);
  for (const finding of found) {
    if (finding.grade !== "unknown") continue;
    const reason = finding.values["reason"] ?? finding.values["reply"] ?? "";
    assert.notEqual(reason, "", `${mischief} ${finding.check}: unknown without a reason`);
  }
  assert.doesNotMatch(
    reportText(found, { language: "de", colour: false, all: true }),
    /\{[a-z]+\}|undefined/,
  );
}
