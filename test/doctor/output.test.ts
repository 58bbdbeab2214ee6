/** Figures, letters, pages and comparisons made of findings. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepReport, keptReports, newestReport } from "../../src/doctor/history.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { CHECK_IDS, checkOf, type CheckId } from "../../src/doctor/checks.ts";
import { changesOf } from "../../src/doctor/diff.ts";
import { failure, fine, unknown, warning, type Finding } from "../../src/doctor/finding.ts";
import { internetNl, SUBTESTS } from "../../src/doctor/internet-nl.ts";
import { letterOf } from "../../src/doctor/letter.ts";
import { reportHtml } from "../../src/doctor/report-html.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { reportPrometheus } from "../../src/doctor/report-prometheus.ts";
import { reportText } from "../../src/doctor/report.ts";
import { isTrial, partTrial } from "../../src/doctor/trial.ts";
import { verbatim } from "../../src/doctor/words/seen.ts";

const PORT = "mail.example.org:25";
const bad = (check: CheckId, grade: "fail" | "warn" | "unknown", subject = PORT): Finding =>
  ({ fail: failure, warn: warning, unknown })[grade](check, subject, "SEEN", "not-looked", { reason: "x" });
const GOOD = CHECK_IDS.map((id) => fine(id, PORT, "GOOD"));
const but = (...changed: Finding[]): readonly Finding[] => [
  ...GOOD.filter(({ check }) => !changed.some((one) => one.check === check)),
  ...changed,
];

test("Internet.nl: each subtest that is looked at costs its category what it costs there", () => {
  assert.equal(internetNl(GOOD)?.percent, 100);
  assert.equal(internetNl([]), undefined);
  const lost = (...changed: Finding[]): number => 100 - (internetNl(but(...changed))?.percent ?? 0);
  // Four categories are looked at; IPv6 has four subtests here, DNSSEC four, authentication five.
  assert.equal(lost(bad("mx-ipv6", "warn")), 7);
  assert.equal(lost(bad("dnssec-mx", "warn")), 10);
  assert.equal(lost(bad("dmarc-policy", "warn")), 4);
  assert.equal(lost(bad("spf-record", "fail")), 5);
  for (const check of ["cert-trust", "cert-name", "caa", "dane-rollover", "key-exchange-hash"] as const)
    assert.equal(lost(bad(check, "fail")), 0, check);
  assert.ok(lost(bad("cert-name", "unknown")) > 0, "unknown earns nothing");
  assert.equal(lost(bad("tls-1-0", "fail", "mail.example.org:993")), 0, "only port 25 counts");
  for (const { id, checks } of SUBTESTS)
    for (const check of checks) assert.match(checkOf(check).internetNl ?? "", /-/, `${id}: ${check}`);
});

test("a subtest nothing here answers is named with its reason and never graded", () => {
  for (const language of ["en", "de"] as const) {
    const told = reportJson(GOOD, language).internetNl;
    assert.deepEqual(
      told?.notLookedAt.map(({ id }) => id),
      ["RPKI-1", "RPKI-2"],
    );
    assert.match(told?.notLookedAt[0]?.why ?? "", /RFC 6480/);
    assert.ok(told?.subtests.every(({ id }) => !id.startsWith("RPKI")));
    assert.match(reportText(GOOD, { language, colour: false }), /Internet\.nl 100 % \(.*: RPKI\)/);
  }
  for (const { id, checks, notLookedAt } of SUBTESTS)
    assert.equal(checks.length === 0, notLookedAt !== undefined, id);
});

test("what lets strangers in stands above all else that is wrong", () => {
  const found = [
    bad("tls-1-0", "warn"),
    bad("tls-1-1", "fail"),
    bad("smuggling", "fail"),
    bad("relay", "fail"),
  ];
  const titles = ["smuggling", "relay", "tls-1-1", "tls-1-0"] as const;
  const text = reportText(found, { language: "en", colour: false });
  const page = reportHtml(reportJson(found, "en"), PORT, "en", 0).split("<details")[0] ?? "";
  for (const shown of [text, page]) {
    const places = titles.map((id) => shown.indexOf(checkOf(id).title.en));
    assert.ok(!places.includes(-1));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  }
});

test("the letter: testssl.sh's caps, worst first", () => {
  const table: [findings: readonly Finding[], letter: string | undefined][] = [
    [GOOD, "A"],
    [but(bad("tls-1-0", "fail")), "B"],
    [but(bad("cipher-cbc", "fail")), "A"],
    [but(bad("ssl3", "fail"), bad("tls-1-0", "fail")), "C"],
    [but(bad("cert-name", "warn"), bad("ssl3", "fail")), "M"],
    [but(bad("cert-trust", "warn"), bad("cert-name", "warn")), "T"],
    [but(bad("ssl2", "fail"), bad("cert-trust", "warn")), "F"],
    [[bad("tls-version", "unknown")], undefined],
    [[], undefined],
  ];
  for (const [findings, letter] of table) assert.equal(letterOf(findings)?.letter, letter);
});

test("the short report: problems first, one line for a family, --all a line for each check", () => {
  const findings = but(bad("vrfy", "warn"), bad("expn", "fail"));
  const short = reportText(findings, { language: "en", colour: false });
  assert.ok(short.indexOf("EXPN") < short.indexOf("VRFY"), "failures before warnings");
  assert.equal(short.match(/^ {2}✓ Names and DNS 100 %/gm)?.length, 1);
  assert.ok(short.split("\n").length < 25, short);
  const all = reportText(findings, { language: "en", colour: false, all: true });
  for (const { check } of findings) assert.ok(all.includes(checkOf(check).title.en), check);
  assert.ok(!short.includes("\u001b"));
  assert.ok(reportText(findings, { language: "en", colour: true }).includes("\u001b[31m"));
});

test("the page: one file, no script, nothing from elsewhere, what a server says is text", () => {
  for (const language of ["en", "de"] as const) {
    const hostile = failure("banner-name", PORT, verbatim('<script>alert(1)</script>"&'), "banner-other", {
      found: "<img src=x>",
      name: "mail.example.org",
    });
    const page = reportHtml(reportJson(but(hostile), language), "example.org", language, 0);
    assert.doesNotMatch(page, /<script|<img|https?:\/\/|@import|url\(/);
    assert.ok(page.includes("&lt;script&gt;alert(1)"));
    assert.ok(page.includes(`lang="${language}"`));
    assert.ok(page.includes(checkOf("banner-name").title[language]));
    assert.doesNotMatch(page, /\{[a-z]+\}/);
  }
});

test("figures for Prometheus: every line is a comment or a sample", () => {
  const text = reportPrometheus(reportJson(but(bad("vrfy", "fail", 'a"b\\c'), bad("expn", "warn")), "en"));
  for (const line of text.split("\n"))
    assert.match(
      line,
      /^(?:# (?:HELP|TYPE) |[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [0-9.]+$)/,
    );
  assert.ok(text.includes('wachpost_doctor_check{check="vrfy",subject="a\\"b\\\\c"} 3'));
  assert.ok(text.includes(`wachpost_doctor_check{check="expn",subject="${PORT}"} 2`));
});

test("what changed: grades only, the worst of each check and subject, worse first", () => {
  const before = reportJson([fine("vrfy", PORT, "1"), bad("expn", "fail"), fine("relay", PORT, "X")], "en");
  const now = reportJson(
    [fine("vrfy", PORT, "2"), bad("vrfy", "warn"), fine("expn", PORT, "502"), bad("abuse", "fail")],
    "en",
  );
  assert.deepEqual(
    changesOf(before, now).map(({ check, before: old, now: fresh }) => [check, old, fresh]),
    [
      ["abuse", undefined, "fail"],
      ["vrfy", "ok", "warn"],
      ["expn", "fail", "ok"],
      ["relay", "ok", undefined],
    ],
  );
  assert.deepEqual(changesOf(now, now), []);
});

test("the history keeps the newest thirty, passes over what it cannot read, and says why it cannot write", async () => {
  const directory = await mkdtemp(join(tmpdir(), "doctor-"));
  try {
    for (let hour = 0; hour < 32; hour++)
      await keepReport(
        directory,
        reportJson(hour === 31 ? but(bad("vrfy", "fail")) : GOOD, "en"),
        hour * 3_600_000,
      );
    assert.equal((await readdir(directory)).length, 30);
    await writeFile(join(directory, "20300101T000000Z.json"), "{ broken");
    const newest = await newestReport(await keptReports(directory));
    assert.equal(newest?.at_ms, 31 * 3_600_000);
    assert.equal(newest?.report.counts.fail, 1);
    assert.match(
      (await keepReport(join(directory, "20300101T000000Z.json"), reportJson(GOOD, "en"), 0)) ?? "",
      /EEXIST|ENOTDIR/,
    );
    assert.deepEqual(await keptReports(join(directory, "nothing")), []);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a trial server is known by its name and its doors; what it cannot have counts for nothing", () => {
  const isIt = (toml: string): boolean => {
    const config = parseConfig(toml);
    assert.ok(config.ok, toml);
    return isTrial(config.value);
  };
  const doors = (address: string): string =>
    ["smtp", "submission", "submissions", "imaps", "pop3s"]
      .map((name) => `[listeners.${name}]\nenabled = true\naddresses = ["${address}"]`)
      .join("\n");
  assert.ok(isIt(`hostname = "mail.wachpost.test"\n${doors("127.0.0.1")}`));
  assert.ok(!isIt(`hostname = "mail.wachpost.test"\n${doors("0.0.0.0")}`));
  assert.ok(!isIt(`hostname = "mail.example.test"\n${doors("127.0.0.1")}`));
  assert.ok(!isIt(`hostname = "mail.example.org"\n${doors("127.0.0.1")}`));
  const own = warning("cert-trust", PORT, "CA", "cert-own-authority");
  const { looked, expected } = partTrial([own, bad("dane-matches", "unknown"), bad("relay", "fail")]);
  assert.deepEqual([looked.map(({ check }) => check), expected.length], [["relay"], 2]);
  const text = reportText(looked, { language: "de", colour: false, expected });
  assert.match(text, /Versuchsserver.*Dem Zertifikat wird vertraut/);
});
