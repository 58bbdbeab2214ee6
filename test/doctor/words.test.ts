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

const PROBES = fileURLToPath(new URL("../../src/doctor", import.meta.url));

function phrases(): [string, Phrase][] {
  return [
    ...CHECK_IDS.map((id): [string, Phrase] => [id, checkOf(id).title]),
    ...Object.entries(FAMILIES),
    ...Object.entries(DNS_ADVICE),
    ...Object.entries(STATE_WORDS),
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

test("every note is used by some probe", () => {
  const sources = readdirSync(PROBES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("words"))
    .map((file) => readFileSync(join(PROBES, file), "utf8"))
    .join("\n");
  for (const id of Object.keys(NOTES)) assert.ok(sources.includes(`"${id}"`), id);
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
