/** Explanations of ten kinds of fate and more, in both languages: `UPDATE_GOLDEN=1 node --test test/journal/golden.test.ts` writes them. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeRecord } from "../../src/journal/decode.ts";
import { encodeRecord } from "../../src/journal/encode.ts";
import { explain } from "../../src/journal/explain.ts";
import { DEFAULT_PRIVACY } from "../../src/journal/privacy.ts";
import { wrap } from "../../src/journal/wrap.ts";
import { LANGUAGES } from "../../src/journal/words/language.ts";
import { FATES } from "./cases.ts";
import { noDns } from "./dmarc-cases.ts";

for (const [name, records] of Object.entries({ ...FATES, "no-dns": noDns })) {
  test(`explain: ${name}`, () => {
    const kept = records.map((record) => decodeRecord(encodeRecord(record, DEFAULT_PRIVACY)));
    const read = kept.filter((record) => record !== undefined);
    assert.equal(read.length, records.length);
    const told = LANGUAGES.map(
      (language) =>
        `== ${language}\n${wrap(explain(read, language, { zone: "Europe/Berlin" })).join("\n")}\n`,
    ).join("\n");
    const file = join(import.meta.dirname, `${name}.golden`);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, told);
    assert.equal(told, readFileSync(file, "utf8"));
  });
}
