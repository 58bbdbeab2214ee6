/** The doctor's own probes at servers that answer nothing, nonsense, too slowly or without end: nothing is ok that was not seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import type { CheckId } from "../../src/doctor/checks.ts";
import { runProbe } from "../../src/doctor/examine.ts";
import { hostProbes } from "../../src/doctor/families.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { visit } from "../../src/doctor/probe-client.ts";
import type { HostTarget, Net, Service } from "../../src/doctor/probe.ts";
import { isImplicit } from "../../src/doctor/probes/open-tls.ts";
import { reasonInWords } from "../../src/doctor/words/reasons.ts";
import { issued } from "./certificates.ts";
import {
  MISCHIEF,
  STAGES,
  startHostile,
  type HostileScript,
  type Mischief,
  type Stage,
} from "./hostile-server.ts";
import { GOOD_PAIR } from "./scripted-server.ts";
import { DOMAIN, GOOD_ZONE, HOST, startWorld } from "./world.ts";
import { evidenceText } from "../../src/doctor/words/told.ts";

const world = await startWorld(GOOD_ZONE);
test.after(() => world.close());

/** The limits of an examination, in a hurry: what waits for a deadline waits for this one. */
const HASTE = { connect_ms: 2_000, answer_ms: 150 };
const hasty: Net = { ...world.net, connect: (host) => visit(host, HASTE) };

const hostOf = (service: Service, port: number): HostTarget => ({
  name: HOST,
  address: "127.0.0.1",
  port,
  service,
  domains: [DOMAIN],
  ours: true,
});

/** What a server has shown that far, and may be in order. */
const SHOWN: Readonly<Record<Stage, readonly CheckId[]>> = {
  connect: [],
  greeting: [],
  ehlo: ["banner-name", "auth-before-tls"],
  starttls: ["banner-name", "auth-before-tls"],
  tls: ["banner-name", "auth-before-tls"],
  inside: ["banner-name", "auth-before-tls"],
};
/** What is asked in words; the rest is TLS, which these servers speak from `tls` on. */
const IN_WORDS: readonly CheckId[] = [
  "extensions",
  "vrfy",
  "expn",
  "null-sender",
  "size-limit",
  "postmaster",
  "abuse",
  "unknown-recipient",
  "relay",
  "relay-forms",
  "smuggling",
  "login-needed",
  "mailbox-capabilities",
  "starttls-injection",
];

function assertHonest(found: readonly Finding[], { service, stage }: HostileScript): void {
  const speaksTls = stage === "tls" || stage === "inside";
  for (const finding of found) {
    const { check, grade, subject } = finding;
    const what = `${service} ${stage}: ${check} is ${grade} (${evidenceText(finding.evidence, "en")})`;
    if (grade === "ok") {
      const isTls = speaksTls && !IN_WORDS.includes(check);
      // TLS from the first octet is a matter of the port.
      const byPort = check === "auth-before-tls" || check === "reachable" || check === "starttls";
      assert.ok(isTls || byPort || SHOWN[stage].includes(check), what);
    } else if (grade === "unknown")
      assert.ok(isInWords(finding.values), `${what} without words: ${JSON.stringify(finding.values)}`);
    assert.notEqual(subject, "");
  }
}

/** From the catalogue, or said by the server itself. */
const isInWords = ({ reason, reply }: Readonly<Record<string, string>>): boolean =>
  [reason, reply].some(
    (text) =>
      text !== undefined &&
      text !== "" &&
      (reasonInWords(text, "de") !== text || /^[+*.2-5d:]|^"? ?[a-z ]+: |\u0000|\\u0000/.test(text)),
  );

async function look(script: HostileScript, net: Net = hasty): Promise<readonly Finding[]> {
  const server = await startHostile(script);
  const host = hostOf(script.service, server.port);
  try {
    const probes = hostProbes(script.service);
    const found = (await Promise.all(probes.map((probe) => runProbe(probe, host, "h", net)))).flat();
    const said = new Set(found.map(({ check }) => check));
    for (const { checks, applies = () => true } of probes)
      for (const check of checks.filter((one) => applies(one, host)))
        assert.ok(
          said.has(check),
          `${script.service} ${script.stage} ${script.mischief}: nothing about ${check}`,
        );
    // What was poured went into buffers of the system, not into ours.
    assert.ok(server.octetsTaken() < 16 * 1024 * 1024, `${server.octetsTaken()} octets taken`);
    return found;
  } finally {
    server.close();
  }
}

const stagesOf = (service: Service): readonly Stage[] =>
  service === "smtp" ? STAGES : isImplicit(service) ? ["tls"] : ["inside"];

for (const service of ["smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "web"] as const)
  test(`a hostile ${service} server: no check is ok by what it did not say, and each says why`, async () => {
    const before = memory();
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, memory() - before)), 10).unref();
    for (const stage of stagesOf(service)) {
      const scripts = (Object.keys(MISCHIEF) as Mischief[]).map((mischief): HostileScript => ({
        service,
        stage,
        mischief,
        pair: GOOD_PAIR,
      }));
      await Promise.all(scripts.map(async (script) => assertHonest(await look(script), script)));
    }
    clearInterval(timer);
    assert.ok(most < 256 * 1024 * 1024, `${most} octets of memory`);
  });

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("a certificate of a megabyte, or one that is longer than what is read: the handshake failed, and that is all", async () => {
  for (const count of [40_000, 3_000]) {
    const names = Array.from({ length: count }, (_, i) => `host-number-${i}.${DOMAIN}`);
    const script: HostileScript = {
      service: "smtp",
      stage: "inside",
      mischief: "silence",
      pair: issued(names, -1, 60),
    };
    const found = await look(script);
    const grades = new Map(found.map((finding) => [finding.check, finding]));
    assert.equal(grades.get("reachable")?.grade, "ok");
    for (const check of ["cert-chain", "tls-1-2"] as const)
      assert.equal(grades.get(check)?.grade, "unknown", `${count} names: ${check}`);
    // OpenSSL takes 100 KB.
    assert.equal(grades.get("starttls")?.grade, count === 40_000 ? "fail" : "ok");
  }
});

test("whoever is given up is left: when the time of a probe is over no connection stays, and each check says so", async () => {
  for (const mischief of ["silence", "drip"] as const) {
    const server = await startHostile({ service: "smtp", stage: "connect", mischief, pair: GOOD_PAIR });
    const host = hostOf("smtp", server.port);
    const clock = new ManualClock();
    const net: Net = { ...world.net, clock };
    const running = hostProbes("smtp").map((probe) => runProbe(probe, host, "h", net));
    await until(() => server.open() > 10);
    clock.advance(60_000);
    const found = (await Promise.all(running)).flat();
    assert.ok(found.length > 30);
    for (const finding of found)
      assert.ok(
        finding.grade === "unknown" && finding.values["reason"] === "no answer in time",
        finding.check,
      );
    await until(() => server.open() === 0);
    server.close();
  }
});

/** Polls until it is so; the runner's own limit ends what never is. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
