import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { hostProbes } from "../../src/doctor/families.ts";
import { examine, runProbe, type Plan } from "../../src/doctor/examine.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { HostTarget, Net } from "../../src/doctor/probe.ts";
import { reportText } from "../../src/doctor/report.ts";
import { subjectPublicKeyInfo } from "../../src/tls/spki.ts";
import { AUTHORITY, tlsaDigest } from "./certificates.ts";
import { GOOD_FACTS } from "./own-controls.ts";
import { GOOD_PAIR, startScripted, type Script } from "./scripted-server.ts";
import { SERVER_CONTROLS, type ServerControl } from "./server-controls.ts";
import { WEB_CONTROLS } from "./web-controls.ts";
import { WIRE_CONTROLS } from "./wire-controls.ts";
import { DOMAIN, GOOD_ZONE, HOST, startWorld } from "./world.ts";
import { assertGerman } from "./german.ts";
import { opensslMissing } from "./early-data-server.ts";

const DIGEST = tlsaDigest(
  subjectPublicKeyInfo(new X509Certificate(GOOD_PAIR.certificate).raw) ?? Buffer.of(),
);

async function look(script: Script, control: Partial<ServerControl>): Promise<readonly Finding[]> {
  const server = await startScripted(script);
  const name = `_${server.port}._tcp.mail.example.org`;
  const tlsa =
    control.tlsa === undefined
      ? ""
      : `${name} TLSA ${control.tlsa.replace("DIGEST", DIGEST).replace("NAME", name)}`;
  const unsigned = control.unsignedTlsa === true ? [name] : [];
  const world = await startWorld(`${GOOD_ZONE}\n${tlsa}`, { unsigned });
  const host: HostTarget = {
    name: control.named ?? HOST,
    address: "127.0.0.1",
    port: server.port,
    service: control.service ?? "smtp",
    domains: [DOMAIN],
    ours: true,
    ...(control.announced === true ? { announced: true } : {}),
    ...(control.ownAuthority === true ? { authorities: AUTHORITY.certificate } : {}),
  };
  const plan: Plan = { domains: [], addresses: [], hosts: [host], leftOut: [] };
  // The test authority is a public one in this world, unless it is meant to be our own.
  const net: Net = control.ownAuthority === true ? world.net : trusting(world.net);
  if (control.gone === true) server.close();
  try {
    if (control.check === undefined) return await examine(plan, net);
    if (control.own === true) return await examine({ ...plan, own: GOOD_FACTS, only: ["transport"] }, net);
    // A control is about one check; the others have their own.
    const { check } = control;
    const probes = hostProbes(host.service).filter(({ checks }) => checks.includes(check));
    return (await Promise.all(probes.map((probe) => runProbe(probe, host, "h", net)))).flat();
  } finally {
    server.close();
    world.close();
  }
}

/** The same net, where handshakes trust the test authority as if it were built in. */
function trusting(net: Net): Net {
  return {
    ...net,
    async connect(host) {
      const connected = await net.connect(host);
      if (!connected.ok) return connected;
      const visit = connected.value;
      const handshake: typeof visit.handshake = (name, offer) =>
        Object.getPrototypeOf(visit).handshake.call(visit, name, offer, AUTHORITY.certificate);
      return { ok: true, value: Object.assign(visit, { handshake }) };
    },
  };
}

for (const service of [
  "smtp",
  "submission",
  "submissions",
  "imap",
  "imaps",
  "pop3",
  "pop3s",
  "web",
] as const) {
  test(`a ${service} server without a fault is green in every check`, async () => {
    const findings = await look(
      { service },
      { service, tlsa: `3 1 1 DIGEST\nNAME TLSA 3 1 1 ${"ab".repeat(32)}` },
    );
    assert.deepEqual(
      findings.filter(({ grade }) => grade !== "ok"),
      [],
    );
  });
}

for (const control of [...SERVER_CONTROLS, ...WIRE_CONTROLS, ...WEB_CONTROLS]) {
  const skip =
    control.script().earlyData === true && opensslMissing() ? "wants the Debian package openssl" : false;
  test(`${control.check}: ${control.name}`, { skip }, async () => {
    const findings = await look(control.script(), control);
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
