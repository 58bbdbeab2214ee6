/**
 * Properties of DKIM and ARC under random input: `node --test test/fuzz/dkim.ts`. FUZZ_RUNS sets how often each property
 * is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sealMessage } from "../../src/authentication/arc/seal.ts";
import { verifyChain } from "../../src/authentication/arc/verify.ts";
import {
  BodyCanonicalizer,
  canonicalField,
  type Canonicalization,
} from "../../src/authentication/dkim/canonical.ts";
import { parseKeyRecord } from "../../src/authentication/dkim/key-record.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import { parseDkimSignature } from "../../src/authentication/dkim/signature.ts";
import { splitMessage } from "../../src/authentication/dkim/signed-data.ts";
import { parseTagList } from "../../src/authentication/dkim/tag-list.ts";
import { writeTags } from "../../src/authentication/dkim/tag-writer.ts";
import { verifySignatures } from "../../src/authentication/dkim/verify.ts";
import { newKey, NOW_MS, zoneOf } from "../authentication/dkim-signer.ts";
import { crlf, keyZone } from "../authentication/key-zone.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const RSA = newKey("rsa-sha256", "one");
const ED = newKey("ed25519-sha256", "two");
const DNS = keyZone(zoneOf(RSA, ED));
const MESSAGE = crlf(
  "From: Joe <a@example.org>\nTo: b@example.net\nSubject: Hello  there\n\twhole\nDate: today\n\nLine one \n\n\tLine  two\n\nend\n",
);
const SIGNED = Buffer.concat([signMessage(MESSAGE, [RSA, ED], { now_ms: NOW_MS }), MESSAGE]);

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const SCRAPS = [
  ";",
  "=",
  "\r\n",
  "\r\n ",
  "\n",
  "\r",
  " ",
  "\t",
  "\0",
  ":",
  "a=rsa-sha256",
  "b=",
  "v=1",
  "h=from",
  "i=1",
];
const scraps = fc
  .array(fc.oneof(fc.constantFrom(...SCRAPS), latin1), { maxLength: 20 })
  .map((parts) => parts.join(""));

/** What a verifier of both signatures can tell apart: the fields signed, and the body. */
function essence(octets: Buffer): string {
  const { fields, body } = splitMessage(octets);
  const names = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
  ];
  const signed = names.map((name) =>
    (fields.get(name) ?? []).map((field) => {
      const text = octets.toString("latin1", field.start, field.end).replace(/\r\n$/, "");
      return canonicalField("relaxed", text, field.nameEnd - field.start);
    }),
  );
  return JSON.stringify([signed, canonicalBody("relaxed", [body])]);
}

function canonicalBody(kind: Canonicalization, pieces: readonly Buffer[]): string {
  let out = "";
  const canonicalizer = new BodyCanonicalizer(kind, (octets) => (out += octets.toString("latin1")));
  for (const piece of pieces) canonicalizer.update(piece);
  canonicalizer.end();
  return out;
}

type Edit = { readonly at: number; readonly removed: number; readonly added: string };
const edits = fc.array(
  fc.record({
    at: fc.nat(SIGNED.length),
    removed: fc.integer({ min: 0, max: 3 }),
    added: fc.oneof(
      fc.constantFrom("", "\r\n", "\n", " ", "\t", "X: y\r\n", "From: e\r\n", "Subject: e\r\n", "=", ";"),
      latin1,
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

const edited = (octets: Buffer, changes: readonly Edit[]): Buffer =>
  changes.reduce(
    (now, { at, removed, added }) =>
      Buffer.concat([now.subarray(0, at), Buffer.from(added, "latin1"), now.subarray(at + removed)]),
    octets,
  );

test("a changed message never throws, and passes only where nothing signed was changed", async () => {
  const whole = essence(SIGNED);
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const octets = edited(SIGNED, changes);
      const results = await verifySignatures(octets, DNS, { now_ms: NOW_MS });
      assert.ok(results.length <= 50);
      if (results.some(({ result }) => result === "pass")) assert.equal(essence(octets), whole);
    }),
    options,
  );
});

test("every single octet: changed, removed, doubled", async () => {
  const whole = essence(SIGNED);
  let passes = 0;
  for (let at = 0; at < SIGNED.length; at++) {
    const flipped = Buffer.from(SIGNED);
    flipped[at] = (flipped[at] ?? 0) ^ 0x20;
    const removed = Buffer.concat([SIGNED.subarray(0, at), SIGNED.subarray(at + 1)]);
    const doubled = Buffer.concat([SIGNED.subarray(0, at), SIGNED.subarray(at, at + 1), SIGNED.subarray(at)]);
    for (const octets of [flipped, removed, doubled]) {
      const results = await verifySignatures(octets, DNS, { now_ms: NOW_MS });
      if (!results.some(({ result }) => result === "pass")) continue;
      assert.equal(essence(octets), whole, `octet ${at}`);
      passes++;
    }
  }
  // Half of the octets belong to one of the two signatures; the other one still holds.
  assert.ok(passes > 0);
});

test("a changed chain never throws, and passes only where nothing signed was changed", async () => {
  const seal = sealMessage(MESSAGE, RSA, {
    now_ms: NOW_MS,
    chain: { result: "none", instances: 0 },
    authenticationResults: "mx.example.org; none",
  });
  const sealed = Buffer.concat([seal as Buffer, MESSAGE]);
  const whole = essence(sealed);
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const octets = edited(sealed, changes);
      const { result } = await verifyChain(octets, DNS, { now_ms: NOW_MS });
      if (result === "pass") assert.equal(essence(octets), whole);
    }),
    options,
  );
});

test("any signature and chain field before any message", async () => {
  const names = ["DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"];
  const headers = fc.array(fc.tuple(fc.constantFrom(...names), scraps), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(headers, scraps, async (fields, rest) => {
      const text = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const octets = Buffer.from(`${text}${rest}`, "latin1");
      const results = await verifySignatures(octets, DNS, { now_ms: NOW_MS });
      const chain = await verifyChain(octets, DNS, { now_ms: NOW_MS });
      assert.ok(results.every(({ result }) => result !== "pass") && chain.result !== "pass");
      assert.doesNotMatch(JSON.stringify([results, chain]), /\\u0000|\\r|\\n/);
    }),
    options,
  );
});

test("parsers are total", () => {
  fc.assert(
    fc.property(scraps, (text) => {
      const tags = parseTagList(text);
      if (tags !== undefined) parseDkimSignature(tags);
      parseKeyRecord(text, "rsa-sha256");
      parseKeyRecord(`k=ed25519; p=${text}`, "ed25519-sha256");
    }),
    options,
  );
});

test("what is written as tags is read as those", () => {
  const value = fc.stringMatching(/^[!-:<-~]{1,90}$/);
  const tags = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), value), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(tags, (list) => {
      const text = writeTags("DKIM-Signature", list);
      const read = parseTagList(text.slice("DKIM-Signature:".length));
      const plain = (one: string): string => one.replace(/[ \t\r\n]+/g, "");
      assert.deepEqual(
        [...(read?.values() ?? [])].map((tag) => [tag.name, plain(tag.value)]),
        list,
      );
    }),
    options,
  );
});

test("bodies cut anywhere, in any pieces (C-12)", () => {
  const body = fc
    .array(fc.constantFrom("\r\n", "\r", "\n", " ", "\t", "a", "bc", "\r\n\r\n", "  "), { maxLength: 40 })
    .map((parts) => Buffer.from(parts.join("")));
  fc.assert(
    fc.property(
      body,
      fc.array(fc.nat(60), { maxLength: 8 }),
      fc.constantFrom("simple", "relaxed"),
      (octets, cuts, kind) => {
        const ends = [...cuts, octets.length].sort((a, b) => a - b);
        const pieces = ends.map((end, i) => octets.subarray(ends[i - 1] ?? 0, end));
        const once = canonicalBody(kind, [octets]);
        assert.equal(canonicalBody(kind, pieces), once);
        assert.equal(canonicalBody(kind, [Buffer.from(once, "latin1")]), once, "canonical is canonical");
      },
    ),
    options,
  );
});
