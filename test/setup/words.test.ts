import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import type { Phrase } from "../../src/doctor/words/phrase.ts";
import { STEPS } from "../../src/setup/steps.ts";
import { errorWords, GERMAN_ERRORS } from "../../src/setup/words/errors.ts";
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

test("errors of passwords and of certificate authorities are German where setup is", () => {
  const source = (file: string): string =>
    readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), "utf8");
  const remedies = /REMEDIES.*?= \{(.*?)\n\};/s.exec(source("tls/acme-failure.ts"))?.[1] ?? "";
  const problems = [...remedies.matchAll(/^ {2}(\w+):/gm)].map(([, kind]) => `acme-${kind}`);
  const reasons = /readonly reason: (.*);/.exec(source("accounts/password-rules.ts"))?.[1] ?? "";
  const passwords = [...reasons.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code ?? "");
  assert.ok(problems.length > 15 && passwords.length > 4);
  for (const code of [...problems, ...passwords]) assert.ok(Object.hasOwn(GERMAN_ERRORS, code), code);
  const said = { code: "acme-caa", message: "CAA forbids it", remedy: "Change it." };
  assert.deepEqual(errorWords(said, "en"), { message: said.message, remedy: said.remedy });
  const german = errorWords(said, "de");
  assert.equal(german.message, "Die Zertifizierungsstelle sagt: „CAA forbids it“");
  assert.match(german.remedy, /^Ein CAA-Eintrag der Domain verbietet/);
  const unknown = { code: "constructor", message: "What?", remedy: "That." };
  assert.deepEqual(errorWords(unknown, "de"), { message: "What?", remedy: "That." });
});
