import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import type { Phrase } from "../../src/doctor/words/phrase.ts";
import { STEPS } from "../../src/setup/steps.ts";
import { PREFLIGHT_NOTES, PREFLIGHT_TITLES } from "../../src/setup/words/preflight.ts";
import { QUESTIONS, SLIPS } from "../../src/setup/words/questions.ts";
import { REASONS } from "../../src/setup/words/reasons.ts";
import { SENTENCES } from "../../src/setup/words/sentences.ts";

const SOURCES = ["setup", "cli"]
  .flatMap((folder) => {
    const directory = fileURLToPath(new URL(`../../src/${folder}`, import.meta.url));
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.startsWith("words"))
      .map((file) => readFileSync(join(directory, file), "utf8"));
  })
  .join("\n");

function phrases(): [string, Phrase][] {
  return [
    ...Object.entries(SENTENCES),
    ...Object.entries(QUESTIONS),
    ...Object.entries(SLIPS),
    ...Object.entries(REASONS),
    ...Object.entries(PREFLIGHT_TITLES),
    ...STEPS.map(({ id, title }): [string, Phrase] => [id, title]),
    ...Object.entries(PREFLIGHT_NOTES).flatMap(([id, { why, remedy }]): [string, Phrase][] => [
      [`${id} why`, why],
      [`${id} remedy`, remedy],
    ]),
  ];
}

test("everything setup says is there in English and German, with the same values", () => {
  for (const [id, words] of phrases()) {
    const values = (text: string): string[] => [...new Set(text.match(/\{[a-z]+\}/g))].sort();
    assert.match(words.en, /\S/, id);
    assert.match(words.de, /\S/, id);
    assert.deepEqual(values(words.de), values(words.en), id);
  }
});

test("every sentence and every note is used", () => {
  for (const id of [
    ...Object.keys(SENTENCES),
    ...Object.keys(PREFLIGHT_NOTES),
    ...Object.keys(QUESTIONS),
    ...Object.keys(SLIPS),
  ])
    assert.ok(new RegExp(`["'.]${id}\\b`).test(SOURCES) || SOURCES.includes(`"${id}"`), id);
});
