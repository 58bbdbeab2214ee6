/** What operators read is German where they ask for it. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { REPORTS_WORDS, UNPROVEN_WORDS } from "../../src/cli/reports-words.ts";
import { UPGRADE_WORDS } from "../../src/cli/upgrade-words.ts";
import type { Phrase } from "../../src/doctor/words/phrase.ts";
import { run } from "../e2e/programs.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DMARC = join(ROOT, "test/corpora/reports/dmarc");
const call = (...args: string[]) =>
  run("env", ["LC_ALL=C", process.execPath, join(ROOT, "bin/wachpost.js"), ...args]);

test("every sentence has the same values in both languages, and every head the same columns", () => {
  const all: [string, Phrase][] = [
    ...Object.entries(REPORTS_WORDS),
    ...Object.entries(UPGRADE_WORDS),
    ...Object.entries(UNPROVEN_WORDS),
  ];
  const values = (text: string): string[] => [...new Set(text.match(/\{[a-z]+\}/g))].sort();
  for (const [name, { en, de }] of all) {
    assert.deepEqual(values(de), values(en), name);
    assert.notEqual(de, en, name);
    if (name.endsWith("head")) assert.equal(de.split(";").length, en.split(";").length, name);
  }
});

test("reports --lang de, before and behind the name of a subcommand", async () => {
  const files = readdirSync(DMARC).map((name) => join(DMARC, name));
  const received = await call("reports", "--lang", "de", ...files);
  assert.match(received.stdout, /^\d+ DMARC- und 0 TLS-Berichte, 0 unlesbar\.$/m, received.stderr);
  assert.match(received.stdout, /^QUELLE +UMSCHLAG +NACHRICHTEN/m);
  assert.match(received.stdout, /^example\.com: Nichts fiel durch/m);
  assert.doesNotMatch(received.stdout, /messages|SOURCE|\{[a-z]+\}/);
  const advised = await call("reports", "advise", "--lang", "de", "--dns", "127.0.0.1:9", ...files);
  assert.match(advised.stdout, /von \d+ Nachrichten an \d+ Tagen bestanden\./, advised.stderr);
  assert.doesNotMatch(advised.stdout, /messages|Reported|\{[a-z]+\}/);
});

test("upgrade --lang de; without it the language of the terminal", async () => {
  const data = mkdtempSync(join(tmpdir(), "language-"));
  try {
    const german = await call("--data", data, "upgrade", "--lang", "de");
    assert.match(german.stdout, /^Schema {5}noch keine Daten\nbeiseite {3}nichts$/m, german.stderr);
    const english = await call("--data", data, "upgrade", "status");
    assert.match(english.stdout, /^schema {5}no data yet\nset aside {2}nothing$/m, english.stderr);
  } finally {
    rmSync(data, { recursive: true });
  }
});
