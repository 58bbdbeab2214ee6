/** A server that is stopped: one finding says so, everything else waits for it and is told by number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { examine, type Plan } from "../../src/doctor/examine.ts";
import { findingsOf } from "../../src/doctor/kept-findings.ts";
import type { HostTarget, Service } from "../../src/doctor/probe.ts";
import { reportHtml } from "../../src/doctor/report-html.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { reportText } from "../../src/doctor/report.ts";
import { REASONS, reasonInWords } from "../../src/doctor/words/reasons.ts";
import { newsOf } from "../../src/rounds/news.ts";
import { GOOD_FACTS } from "./own-controls.ts";
import { startScripted } from "./scripted-server.ts";
import { DOMAIN, HOST, startWorld } from "./world.ts";

const door = (service: Service, port: number): HostTarget => ({
  name: HOST,
  address: "127.0.0.1",
  port,
  service,
  domains: [DOMAIN],
  ours: true,
});

/** Ports that were free a moment ago. */
async function closedDoors(): Promise<readonly HostTarget[]> {
  const services = ["smtp", "submission", "imaps"] as const;
  const servers = await Promise.all(services.map((service) => startScripted({ service })));
  for (const server of servers) server.close();
  return services.map((service, i) => door(service, servers[i]?.port ?? 0));
}

test("a stopped server: one headline, the rest folded under it in every form, JSON names each", async () => {
  const world = await startWorld("");
  const hosts = await closedDoors();
  const plan: Plan = { domains: [], addresses: [], hosts, own: GOOD_FACTS, leftOut: [] };
  const findings = await examine({ ...plan, only: ["transport", "smtp"] }, world.net);
  world.close();
  const [headline, ...others] = findings;
  assert.equal(`${headline?.check} ${headline?.grade}`, "server-answers fail");
  assert.ok(others.length > 70, `${others.length} others`);
  for (const one of others)
    assert.deepEqual(one.because, { check: "server-answers", subject: "mail.example.org" }, one.check);

  for (const language of ["en", "de"] as const) {
    const text = reportText(findings, { language, colour: false });
    assert.match(text, language === "en" ? /nobody listens there/ : /dort lauscht niemand/);
    assert.match(text, /wachpost start/);
    assert.equal(text.match(/^ {2}[✗!?] /gm)?.length, 4, `headline, fold and two families:\n${text}`);
    const waits =
      language === "en"
        ? `The server does not run: ${others.length} checks wait for it`
        : `Der Server läuft nicht: ${others.length} Prüfungen warten auf ihn`;
    assert.ok(text.includes(`? ${waits}`), text);
    const json = reportJson(findings, language);
    assert.equal(json.findings.length, findings.length);
    assert.deepEqual(findingsOf(json), findings, "and is read back as it was");
    const page = reportHtml(json, "x", language, 0);
    assert.equal(page.match(/<section /g)?.length, 2);
    assert.ok(page.includes(waits));
  }
  const { changes } = newsOf({ book: new Map() }, findings, "full", "en");
  assert.deepEqual(
    changes.map(({ alert }) => alert.id),
    ["doctor:server-answers mail.example.org"],
  );
});

test("one door that is shut is a finding of its own, and the server answers", async () => {
  const world = await startWorld("");
  const [shut] = await closedDoors();
  const server = await startScripted({ service: "imaps" });
  const hosts = [shut as HostTarget, door("imaps", server.port)];
  const plan: Plan = { domains: [], addresses: [], hosts, own: GOOD_FACTS, only: ["transport"], leftOut: [] };
  const findings = await examine(plan, world.net);
  server.close();
  world.close();
  const grades = findings.filter(({ check }) => check === "server-answers" || check === "reachable");
  assert.deepEqual(
    grades.map(({ check, grade, because }) => `${check} ${grade} ${because === undefined}`),
    ["server-answers ok true", "reachable fail true", "reachable ok true"],
  );
});

test("reasons are words in both languages, and never the word of a system alone", () => {
  for (const [reason, { en, de }] of Object.entries(REASONS)) {
    assert.notEqual(en, de, reason);
    for (const words of [en, de]) assert.doesNotMatch(words, /\b[A-Z]+_[A-Z_]+\b|\bE[A-Z]{5,}\b/, reason);
  }
  const table: [reason: string, en: string][] = [
    ["ECONNREFUSED", "nobody listens there"],
    ["EWHATEVER", "the system says EWHATEVER"],
    ["rcode-9", "the name server says code 9"],
    ["reachable", "first “The port answers” has to be settled"],
    ["554 5.7.1 No", "the server answers: 554 5.7.1 No"],
    ["probe failed: Error: x", "a fault of the doctor itself: Error: x"],
    ["toString", "toString"],
    ["what it said", "what it said"],
  ];
  for (const [reason, en] of table) assert.equal(reasonInWords(reason, "en"), en);
});
