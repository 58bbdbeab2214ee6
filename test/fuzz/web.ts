/** Properties of the readers of the web door: `node --test test/fuzz/web.ts`, with FUZZ_RUNS and FUZZ_SEED as in `tls.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { askedAddress } from "../../src/web/asked-domain.ts";
import { WEB_LIMITS } from "../../src/web/limits.ts";
import { languageOf } from "../../src/web/words/page.ts";
import { escapeXml, leafTexts } from "../../src/web/xml.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const PIECES = [
  "<",
  ">",
  "/",
  "</",
  "/>",
  "<m>",
  "</m>",
  "<a:Mail x='1'>",
  "</a:Mail>",
  "&",
  "&amp;",
  "&lol;",
  "<!",
  "<?xml ",
];
const MORE = [
  "?>",
  "<!DOCTYPE",
  "<![CDATA[",
  "]]>",
  "@",
  "example.org",
  "ä",
  "\u0000",
  "\ud800",
  " ",
  "\r\n",
  ",",
  ";q=",
  "de",
  "en",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES, ...MORE), fc.string({ unit: "binary", maxLength: 4 })), {
    maxLength: 40,
  })
  .map((parts) => parts.join(""));

test("xml: any text is read or refused, nothing grows, and what was written is read back", () => {
  const property = fc.property(text, (input) => {
    const found = leafTexts(input);
    for (const [name, value] of found ?? []) {
      assert.ok(value.length <= input.length);
      assert.ok(input.toLowerCase().includes(name));
    }
    const escaped = escapeXml(input);
    assert.doesNotMatch(escaped, /[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
    const back = leafTexts(`<r><m>${escaped}</m></r>`)?.get("m");
    // An apostrophe is written as a number, which this reader leaves alone.
    const kept = input.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "").trim();
    assert.equal(back?.replaceAll("&#39;", "'"), kept.replaceAll("&#39;", "'"));
  });
  fc.assert(property, options);
});

test("addresses and languages: any text is one, or is not", () => {
  const property = fc.property(text, (input) => {
    const address = askedAddress(input);
    if (address !== undefined) {
      assert.ok(address.text.length <= WEB_LIMITS.address_chars);
      assert.match(address.domain, /^[a-z0-9_.-]+$/);
      assert.doesNotMatch(address.text, /[\s<>"\u0000-\u001f]/);
    }
    assert.ok(["de", "en"].includes(languageOf(input)));
  });
  fc.assert(property, options);
});
