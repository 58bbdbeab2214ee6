import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { ATTACKED } from "../../src/doctor/attack/cases.ts";
import { CHECK_IDS, checkOf, FAMILIES } from "../../src/doctor/checks.ts";
import { probedChecks } from "../../src/doctor/families.ts";
import { DNS_ADVICE, STATE_WORDS } from "../../src/doctor/words/dns-advice.ts";
import { NOTES } from "../../src/doctor/words/notes.ts";
import type { Phrase } from "../../src/doctor/words/phrase.ts";
import { ATTACK_WORDS, DIFF_WORDS, HTML_WORDS, REPORT_WORDS } from "../../src/doctor/words/report-words.ts";
import { allControls } from "../../tools/doctor-table.ts";
import { MUTATIONS } from "../attack/mutation-table.ts";
import { failure, fine, warning } from "../../src/doctor/finding.ts";
import { findingsFrom, findingsOf } from "../../src/doctor/kept-findings.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { evidenceInWords, REASONS, reasonInWords } from "../../src/doctor/words/reasons.ts";
import { PART_REASONS } from "../../src/doctor/words/reasons-of-parts.ts";
import { absent, SEEN, seen } from "../../src/doctor/words/seen.ts";
import { ATTACK_LABELS, ATTACK_SEEN } from "../../src/doctor/words/attack-seen.ts";

const PROBES = fileURLToPath(new URL("../../src/doctor", import.meta.url));

function phrases(): [string, Phrase][] {
  return [
    ...CHECK_IDS.map((id): [string, Phrase] => [id, checkOf(id).title]),
    ...Object.entries(FAMILIES),
    ...Object.entries(DNS_ADVICE),
    ...Object.entries(STATE_WORDS),
    ...Object.entries(SEEN),
    ...Object.entries(REASONS),
    ...Object.entries(ATTACK_LABELS),
    ...[...PART_REASONS, ...ATTACK_SEEN].map(([pattern, words]): [string, Phrase] => [
      String(pattern),
      words,
    ]),
    ...Object.entries(REPORT_WORDS),
    ...Object.entries(HTML_WORDS),
    ...Object.entries(DIFF_WORDS),
    ...Object.entries(ATTACK_WORDS),
    ...Object.entries(NOTES).flatMap(([id, { why, remedy }]): [string, Phrase][] => [
      [`${id} why`, why],
      [`${id} remedy`, remedy],
    ]),
  ];
}

test("every finding has words in English and German, with the same values", () => {
  for (const [id, words] of phrases()) {
    const values = (text: string): string[] => [...new Set(text.match(/\{[a-z]+\}/g))].sort();
    assert.match(words.en, /\S/, id);
    assert.match(words.de, /\S/, id);
    assert.deepEqual(values(words.de), values(words.en), id);
  }
});

test("no note is the same in both languages", () => {
  for (const [id, { why }] of Object.entries(NOTES)) assert.notEqual(why.en, why.de, id);
});

/** By a function of their own in `words/seen.ts`. */
const MADE_BY_NAME = ["reason", "absent"];

test("evidence takes no free text: the compiler sends it to the catalogue", () => {
  const place = String("h:25");
  fine("relay", place, "NXDOMAIN");
  fine("relay", place, seen("none"));
  // @ts-expect-error a sentence that would stay English
  fine("relay", place, "all is well");
  // @ts-expect-error nor with a value in it
  fine("relay", place, `${place} is well`);
  // @ts-expect-error nor one of several
  warning("relay", place, place === "" ? "refused" : "taken", "relay-open");
});

/** Parts of the program whose words for a failure become evidence. */
const PARTS: readonly (readonly [file: string, call: RegExp])[] = [
  ["dns/examine-resolver.ts", /(?:unknown|fails)\((["`])(.*?)\1\)/g],
  ["tls/dane.ts", /refuse\("[a-z-]+", (["`])(.*?)\1\)/g],
  ["tls/fetch-text.ts", /(?:refuse|failed)\((["`])(.*?)\1\)/g],
  ["tls/mta-sts-policy.ts", /err\((["`])(.*?)\1\)/g],
  ["tls/mta-sts-fetch.ts", /failed\("[a-z-]+", (["`])(.*?)\1\)/g],
  ["tls/acme-http.ts", /err\((["`])(.*?)\1\)/g],
  ["dns/dead-lists.ts", /^ {2}\["[a-z.]+", (")(.*?)"\],$/gm],
  ["postfix/dead-zones.ts", /^ {2}\["[a-z.]+", (")(.*?)"\],$/gm],
  ["postfix/main-cf.ts", /message: (["`])(.*?)\1(?= \})/g],
  ["postfix/master-cf.ts", /message: (["`])(.*?)\1(?= \})/g],
  ["postfix/logical-lines.ts", /message: (["`])(.*?)\1(?= \}|,$)/gm],
  ["postfix/expand.ts", /faults\.add\((["`])(.*?)\1\);/g],
];

test("what other parts say of a failure has words in both languages", () => {
  for (const [file, call] of PARTS) {
    const source = readFileSync(join(PROBES, "..", file), "utf8");
    const said = [...source.matchAll(call)].map(([, , text = ""]) =>
      text.replaceAll("\\`", "`").replaceAll(/\$\{.*?\}+(?:\)\})?/g, "4"),
    );
    assert.ok(said.length > 0, file);
    for (const text of said) assert.notEqual(reasonInWords(text, "de"), text, `${file}: ${text}`);
  }
});

test("every reason a probe gives has words in both languages", () => {
  const given = /(?:reason(?:: string)?[:=] ?|seenReason\(|lost\(|notLooked\([^"]*)"([^"]+)"/g;
  const files = [
    "examine.ts",
    "targets.ts",
    ...readdirSync(join(PROBES, "probes")).map((file) => `probes/${file}`),
  ];
  const said = files.flatMap((file) =>
    [...readFileSync(join(PROBES, file), "utf8").matchAll(given)].map(([, reason = ""]) => reason),
  );
  assert.ok(said.length > 20, String(said.length));
  for (const reason of said) assert.notEqual(reasonInWords(reason, "de"), reason, reason);
});

/** What an attack saw, as its source writes it, with a figure for each value. */
function sightsOfAttacks(): readonly string[] {
  const folder = join(PROBES, "attack");
  const source = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const calls = [...source.matchAll(/\b(?:held|broken|lost)\(\s*(?:"([^"]*)"|`((?:[^`]|`[^`]*`)*?)`)[,)]/g)];
  const labels = [...source.matchAll(/\b(?:refused|two|within)\(\s*"([^"]+)"/g)];
  return [
    ...calls.map(([, plain, template = ""]) => plain ?? withFigures(template)),
    ...labels.map(([, label = ""]) => `${label}: 404`),
  ];
}

/** Braces inside braces are taken whole; what holds another template is a part that may be missing. */
function withFigures(template: string): string {
  let [text, depth, begin] = ["", 0, 0];
  for (let at = 0; at < template.length; at++) {
    if (template.startsWith("${", at)) {
      if (depth++ === 0) begin = at;
      at++;
    } else if (template[at] === "}" && depth > 0) {
      if (--depth === 0 && !template.slice(begin, at).includes("`")) text += "404";
    } else if (depth === 0) text += template[at];
  }
  return text;
}

test("what an attack saw has words in both languages", () => {
  // `a NUL by DATA`: what stands there are labels, see below.
  const all = sightsOfAttacks().filter((text) => /[a-z]/.test(text) && text !== "404 by 404: 404");
  assert.ok(all.length > 50, String(all.length));
  for (const text of all) assert.notEqual(evidenceInWords(text, "de"), text, text);
  const table: [saw: string, de: string][] = [
    ["it hung up after 20 s: 421 4.4.2 Timeout", "er legte nach 20 s auf: 421 4.4.2 Timeout"],
    ["two lengths: it hung up", "zwei Längen: er legte auf"],
    ["400 Bad Request | it hung up", "400 Bad Request | er legte auf"],
    ["12 taken, then 452 4.5.3 Too many recipients", "12 angenommen, dann 452 4.5.3 Too many recipients"],
    ["gzip: bomb | zip: damaged", "gzip: eine Bombe | zip: beschädigt"],
    ["a NUL by DATA: 250 2.0.0 Ok: queued", "ein NUL mit DATA: 250 2.0.0 Ok: queued"],
    ["k9 NO: it is: removed", "k9 NO: it is: entfernt"],
  ];
  for (const [saw, de] of table) assert.equal(evidenceInWords(saw, "de"), de);
});

test("a kept report is told in the language of its reader, not in that of the server", () => {
  const kept = reportJson([fine("caa", "example.org", absent("CAA"))], "en");
  assert.deepEqual(
    (["en", "de"] as const).map((language) => reportJson(findingsOf(kept), language).findings[0]?.evidence),
    ["no CAA", "kein CAA"],
  );
  const unknownHere = { findings: kept.findings.map((one) => ({ ...one, seen: "of-a-later-version" })) };
  assert.equal(reportJson(findingsOf(unknownHere), "de").findings[0]?.evidence, "no CAA");
});

test("every note and every sentence about what was seen is used by some probe", () => {
  const sources = readdirSync(PROBES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("words"))
    .map((file) => readFileSync(join(PROBES, file), "utf8"))
    .join("\n");
  const ids = [...Object.keys(NOTES), ...Object.keys(SEEN)];
  // Those about a Postfix are seen in `postfix.test.ts`.
  for (const id of ids.filter((one) => !MADE_BY_NAME.includes(one) && !one.startsWith("postfix-")))
    assert.ok(sources.includes(`"${id}"`), id);
});

test("every check is made by some probe, and was seen red on a fixture that is wrong in this way (G-64)", () => {
  const controls = [...allControls(), ...MUTATIONS];
  for (const id of CHECK_IDS) {
    assert.ok(probedChecks().has(id) || ATTACKED.includes(id), `${id}: no probe`);
    assert.ok(
      controls.some(({ check, grade }) => check === id && (grade === "fail" || grade === "warn")),
      `${id}: no negative control`,
    );
  }
});

test("a finding is the same after the way from another process, and from a report that was kept", () => {
  const host = "mail.example.org";
  const found = [
    fine("reachable", host, seen("days-until", { days: "3", until: "2026-12-01" })),
    failure("data-mode", host, "0755", "data-open", { data: "/d", mode: "0755" }),
  ];
  const other: unknown = JSON.parse(JSON.stringify(found));
  assert.deepEqual(findingsFrom(other), found);
  assert.deepEqual(findingsOf(reportJson(found, "de")), found);
  const strange = [{ ...found[0], evidence: { seen: "__proto__", values: {} } }];
  assert.equal(findingsFrom(strange), undefined);
});
