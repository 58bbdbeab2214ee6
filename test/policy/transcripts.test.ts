/** Every `*.policy` file beside this one is a golden test: running it gives it back. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CHECKS } from "../../src/policy/checks.ts";
import { runTranscript } from "../../src/policy/transcript.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(HERE, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".policy"),
);

for (const file of files) {
  test(`transcript ${file}`, async () => {
    const text = readFileSync(join(HERE, file), "utf8");
    assert.equal(await runTranscript(text), text);
  });
}

for (const name of CHECKS.keys()) {
  test(`${name} has a transcript in which it lets through and one in which something is refused or tagged`, () => {
    const text = readFileSync(join(HERE, "checks", `${name.replaceAll("_", "-")}.policy`), "utf8");
    assert.match(text, new RegExp(`\\b${name}\\b`));
    assert.match(text, /^=> permit/m);
    assert.match(text, /^=> [45]/m);
  });
}
