import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { bodyHashes } from "./body-hash.ts";
import { BodyCanonicalizer, canonicalField, type Canonicalization } from "./canonical.ts";

function body(kind: Canonicalization, ...pieces: readonly (Buffer | string)[]): string {
  let out = "";
  const canonicalizer = new BodyCanonicalizer(kind, (octets) => (out += octets.toString("latin1")));
  for (const piece of pieces) {
    canonicalizer.update(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  }
  canonicalizer.end();
  return out;
}

/** The rules of RFC 6376 §3.4.3 and §3.4.4 as they are written, one after the other. */
function slowBody(kind: Canonicalization, text: string): string {
  const lines = text.split("\r\n");
  const clean =
    kind === "simple" ? lines : lines.map((line) => line.replace(/[ \t]+/g, " ").replace(/ $/, ""));
  while (clean.length > 0 && clean.at(-1) === "") clean.pop();
  if (clean.length === 0) return kind === "simple" ? "\r\n" : "";
  return `${clean.join("\r\n")}\r\n`;
}

test("bodies (RFC 6376 §3.4.3, §3.4.4, §3.4.5)", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    // RFC 6376 §3.4.5
    [" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"],
    ["", "\r\n", ""],
    ["\r\n\r\n", "\r\n", ""],
    [" \t\r\n \r\n", " \t\r\n \r\n", ""],
    ["a", "a\r\n", "a\r\n"],
    ["a\r\n ", "a\r\n \r\n", "a\r\n"],
    ["\r\n\r\na", "\r\n\r\na\r\n", "\r\n\r\na\r\n"],
    // A CR or LF alone is an octet like others.
    ["a \n b\r", "a \n b\r\r\n", "a \n b\r\r\n"],
    ["a\r\r\n\r", "a\r\r\n\r\r\n", "a\r\r\n\r\r\n"],
    ["a \r b\r\n", "a \r b\r\n", "a \r b\r\n"],
    ["\n", "\n\r\n", "\n\r\n"],
  ];
  for (const [text, simple, relaxed] of cases) {
    assert.equal(body("simple", text), simple, JSON.stringify(text));
    assert.equal(body("relaxed", text), relaxed, JSON.stringify(text));
  }
});

test("hashes of the empty body (RFC 6376 §3.4.3, §3.4.4)", async () => {
  const hash = await bodyHashes(Buffer.alloc(0), [
    { canonicalization: "simple" },
    { canonicalization: "relaxed" },
  ]);
  const of = (canonicalization: Canonicalization): string | undefined =>
    hash({ canonicalization })?.digest.toString("base64");
  assert.equal(of("simple"), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  assert.equal(of("relaxed"), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});

test("a body cut at any octet is the same body (C-12)", () => {
  const text = " Hi \t\tthere \r\n\r\n\t \r\n\ra\r\r\n\n x  \r\n\r\n end \r\n \r\n\r\n";
  const octets = Buffer.from(text, "latin1");
  for (const kind of ["simple", "relaxed"] as const) {
    const want = body(kind, octets);
    assert.equal(want, slowBody(kind, text));
    for (let i = 0; i <= octets.length; i++) {
      for (let j = i; j <= octets.length; j++) {
        const got = body(kind, octets.subarray(0, i), octets.subarray(i, j), octets.subarray(j));
        assert.equal(got, want, `${kind} cut at ${i} and ${j}`);
      }
    }
    assert.equal(body(kind, ...Array.from(octets, (octet) => Buffer.of(octet))), want);
  }
});

test("long bodies: clean, dirty, and with more empty lines than fit anywhere", () => {
  const lines = [
    `${"x".repeat(76)}\r\n`.repeat(3_000),
    "a\tb  c \r\n".repeat(5_000),
    `${"\r\n".repeat(40_000)}end`,
    `${"\r\n".repeat(20)}a ${"\r\n".repeat(33)}b`.repeat(700),
    " ".repeat(40_000),
    `a${" ".repeat(40_000)}b`,
    "\r".repeat(40_000),
    `${"x".repeat(16_383)} ${"y".repeat(16_383)}\r\n${"z".repeat(16_382)} \r\n`,
  ];
  for (const text of [...lines, lines.join("")]) {
    for (const kind of ["simple", "relaxed"] as const) {
      assert.ok(body(kind, text) === slowBody(kind, text), `${kind} of ${text.length} octets`);
    }
  }
});

test("header fields (RFC 6376 §3.4.1, §3.4.2, §3.4.5)", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["A: X", 1, "a:X"],
    ["B \t:\tY\t\r\n\tZ  ", 1, "b:Y Z"],
    ["SUBJect:  a\r\n\r\n b", 7, "subject:a\r\n b"],
    ["X:", 1, "x:"],
    ["X: \t ", 1, "x:"],
    ["\xc9A:\xc9", 2, "\xc9a:\xc9"],
    ["X: a\n b", 1, "x:a\n b"],
    ["X: a:b", 1, "x:a:b"],
  ];
  for (const [field, nameEnd, relaxed] of cases) {
    assert.equal(canonicalField("relaxed", field, nameEnd), relaxed, JSON.stringify(field));
    assert.equal(canonicalField("simple", field, nameEnd), field);
  }
});

/** Every text of up to six of these. */
function* texts(letters: readonly string[], left = 6): Generator<string> {
  yield "";
  if (left > 0)
    for (const letter of letters) for (const rest of texts(letters, left - 1)) yield letter + rest;
}

test("every short body has the hash of its canonical form, whichever way it is found", async () => {
  for (const end of texts(["a", " ", "\t", "\r", "\n"], 5)) {
    const text = `x${end}\r\n`;
    for (const canonicalization of ["simple", "relaxed"] as const) {
      const found = await bodyHashes(Buffer.from(text), [{ canonicalization }]);
      const want = createHash("sha256").update(slowBody(canonicalization, text)).digest();
      assert.deepEqual(
        found({ canonicalization }),
        { digest: want, uncovered: 0 },
        `${canonicalization} ${JSON.stringify(text)}`,
      );
    }
  }
});

/** The rules of RFC 6376 §3.4.2 as they are written. */
function slowField(name: string, value: string): string {
  const line = value.replace(/\r\n(?=[ \t])/g, "").replace(/[ \t]+/g, " ");
  return `${name.toLowerCase()}:${line.replace(/^ | $/g, "")}`;
}

test("every short header field", () => {
  for (const value of texts(["A", " ", "\t", "\r", "\n"], 6))
    assert.equal(canonicalField("relaxed", `Xy:${value}`, 2), slowField("Xy", value), JSON.stringify(value));
});

test("every l= from one pass", async () => {
  const text = "a\r\nbb \r\n\r\nccc\r\n\r\n";
  const simple = slowBody("simple", text);
  const lengths = Array.from({ length: simple.length + 2 }, (_, i) => i);
  const scopes = lengths.map((bodyLength) => ({ canonicalization: "simple" as const, bodyLength }));
  const hash = await bodyHashes(Buffer.from(text), scopes);
  for (const bodyLength of lengths) {
    const got = hash({ canonicalization: "simple", bodyLength });
    if (bodyLength > simple.length) assert.equal(got, undefined, "longer than the body");
    else {
      const digest = createHash("sha256").update(simple.slice(0, bodyLength)).digest();
      assert.deepEqual(got, { digest, uncovered: simple.length - bodyLength });
    }
  }
});
