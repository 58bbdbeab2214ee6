import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { announcedOctets, fetchItems, parseResponse, valueOctets } from "./imap-response.ts";

void test("no octets of a server make the parser throw or run away", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "(",
      ")",
      '"',
      "\\",
      "{3}",
      "~{2}",
      " ",
      "NIL",
      "*",
      "BODY[]",
      "FETCH",
      "UID 5",
      "\u0000",
      "ä",
    ),
    fc.string(),
  );
  const line = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (texts) => {
      const values = parseResponse({ texts, literals: texts.map((text) => Buffer.from(text)) });
      if (values) fetchItems(values);
      for (const text of texts) announcedOctets(text);
    }),
    { numRuns: 2000 },
  );
});

void test("what was written is what is read: quoted strings and literals of any octets", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.boolean(), (bytes, literal) => {
      const octets = Buffer.from(literal ? bytes : bytes.filter((octet) => octet !== 10 && octet !== 13));
      const quoted = `"${octets.toString("latin1").replace(/["\\]/g, "\\$&")}"`;
      const raw = literal
        ? { texts: [`* 1 FETCH (UID 4 BODY[] {${octets.length}}`, " X y)"], literals: [octets] }
        : { texts: [`* 1 FETCH (UID 4 BODY[] ${quoted} X y)`], literals: [] };
      const items = fetchItems(parseResponse(raw) ?? []);
      assert.deepEqual(valueOctets(items?.get("BODY[]")), octets);
      assert.equal(String(valueOctets(items?.get("X"))), "y");
    }),
  );
});
