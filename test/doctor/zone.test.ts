import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { examine, type Plan } from "../../src/doctor/examine.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { HostTarget } from "../../src/doctor/probe.ts";
import { exitCode } from "../../src/doctor/score.ts";
import { reportText } from "../../src/doctor/report.ts";
import {
  DOMAIN,
  domainOf,
  GOOD_ZONE,
  HOST,
  OUR_ADDRESSES,
  OUT,
  SOURCE,
  startWorld,
  TARGET,
  zoneWith,
} from "./world.ts";
import { zoneControls } from "./zone-controls.ts";
import { assertGerman } from "./german.ts";
import { internetNl } from "../../src/doctor/internet-nl.ts";

const ADDRESSES = OUR_ADDRESSES.map((address): HostTarget => ({
  name: HOST,
  address,
  port: 25,
  service: "smtp",
  domains: [DOMAIN],
  ours: true,
}));
/** Mail also leaves from here, under a name of its own. */
const SENDING: HostTarget = {
  name: OUT,
  address: SOURCE,
  port: 25,
  service: "smtp",
  domains: [],
  ours: true,
  sends: true,
  sendsOnly: true,
};
const PLAN: Plan = { domains: [TARGET], addresses: [...ADDRESSES, SENDING], hosts: [], leftOut: [] };
const RSA_1024 = generateKeyPairSync("rsa", { modulusLength: 1024 })
  .publicKey.export({ type: "spki", format: "der" })
  .toString("base64");

async function look(
  zone: string,
  options: Parameters<typeof startWorld>[1],
  plan: Plan,
): Promise<readonly Finding[]> {
  const world = await startWorld(zone, options);
  try {
    return await examine(plan, world.net);
  } finally {
    world.close();
  }
}

test("a zone without a fault is green in every check", async () => {
  const findings = await look(GOOD_ZONE, {}, PLAN);
  assert.deepEqual(
    findings.filter(({ grade }) => grade !== "ok"),
    [],
  );
  assert.equal(exitCode(findings), 0);
});

test("a host name that is the domain has one SPF record, which is looked at once", async () => {
  const { ours = assert.fail("ours") } = TARGET;
  const target = { ...TARGET, ours: { ...ours, hostName: DOMAIN } };
  const findings = await look(GOOD_ZONE, {}, { ...PLAN, domains: [target], only: ["authentication"] });
  assert.ok(findings.some(({ check }) => check === "spf-record"));
  assert.ok(!findings.some(({ check }) => check === "spf-host"));
});

test("signatures for two days are renewed more often, and are fresh to the last quarter; none need none", async () => {
  for (const lines of [["example.org RRSIG MX -1 1"], ["example.org RRSIG TXT -14 4"], []]) {
    const findings = await look(zoneWith(["example.org RRSIG"], lines), {}, PLAN);
    assert.equal(findings.find(({ check }) => check === "dnssec-expiry")?.grade, "ok", lines.join());
  }
});

test("a domain that does not exist is said once; nothing is advised for it and nothing of it is ok", async () => {
  const findings = await look(
    GOOD_ZONE,
    {},
    {
      ...PLAN,
      addresses: [],
      domains: [{ domain: domainOf("nowhere.test"), selectors: [] }],
    },
  );
  const causes = findings.filter(({ because }) => because === undefined);
  assert.deepEqual(
    causes.map((one) => [one.check, one.grade === "ok" ? "" : one.note]),
    [["mx-exists", "domain-gone"]],
  );
  assert.ok(findings.length > 20 && findings.every(({ grade }) => grade !== "ok"));
  assert.equal(internetNl(findings)?.percent, 0);
});

for (const control of zoneControls(RSA_1024)) {
  test(`${control.check}: ${control.name}`, async () => {
    const plan: Plan =
      control.foreign === undefined
        ? PLAN
        : { ...PLAN, domains: [{ domain: DOMAIN, selectors: control.foreign }] };
    const zone = zoneWith(control.without, control.plus);
    const options = {
      authenticated: control.blind !== true,
      unsigned: control.unsigned ?? [],
      ...(control.policy === undefined ? {} : { policyText: control.policy }),
      ...control.world,
      ...(control.second === undefined ? {} : { secondZone: zone.replace(...control.second) }),
    };
    const findings = await look(zone, options, plan);
    const found = findings.filter(({ check, grade }) => check === control.check && grade !== "ok");
    assert.deepEqual(
      found.map((finding) => [finding.grade, finding.grade === "ok" ? "" : finding.note]).slice(0, 1),
      [[control.grade, control.note]],
    );
    assertGerman(findings);
    for (const language of ["en", "de"] as const)
      assert.doesNotMatch(reportText(findings, { language, colour: false }), /\{[a-z]+\}/);
  });
}
