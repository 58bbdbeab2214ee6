/**
 * Properties of the readers of `src/tls` under random input: `node --test test/fuzz/tls.ts`. FUZZ_RUNS sets how often each
 * property is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createAuthority, issueCertificate } from "../../src/tls/certificate.ts";
import { usableTlsa, verifyDane } from "../../src/tls/dane.ts";
import { parseMtaStsPolicy, policyLines, policyNames } from "../../src/tls/mta-sts-policy.ts";
import { mtaStsId } from "../../src/tls/mta-sts-record.ts";
import { subjectPublicKeyInfo } from "../../src/tls/spki.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const PIECES = [
  "version: STSv1",
  "mode: enforce",
  "mode: none",
  "mx: *.",
  "mx: ",
  "max_age: ",
  "86400",
  "example.org",
  "bücher.example",
  "v=STSv1",
  ";",
  "id",
  "=",
  ":",
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 30 })
  .map((parts) => parts.join(""));
const label = fc.string({ unit: fc.constantFrom("a", "b", "x", "0", "9"), minLength: 1, maxLength: 5 });
const hostName = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .map((labels) => [...labels, "test"].join("."));

test("mta-sts: any text is a policy or a reason, and a policy is read as it is written", () => {
  const lines = fc.record({
    mode: fc.constantFrom("enforce", "testing", "none"),
    mx: fc.array(fc.tuple(fc.boolean(), hostName), { minLength: 1, maxLength: 5 }),
    age: fc.nat(40_000_000),
  });
  const written = lines.map(({ mode, mx, age }) =>
    [
      "version: STSv1",
      `mode: ${mode}`,
      ...mx.map(([any, name]) => `mx: ${any ? "*." : ""}${name}`),
      `max_age: ${age}`,
    ].join("\r\n"),
  );
  const property = fc.property(fc.oneof(text, written), hostName, (file, host) => {
    const policy = parseMtaStsPolicy(file);
    if (!policy.ok) return assert.equal(typeof policy.error, "string");
    assert.deepEqual(parseMtaStsPolicy(policyLines(policy.value).join("\n")), policy);
    const named = policyNames(policy.value, host);
    // Said again without the parser's own types: the host itself, or it without its first label.
    const parent = host.split(".").slice(1).join(".");
    const want = policy.value.mx.some(({ wildcard, domain }) => domain === (wildcard ? parent : host));
    assert.equal(named, want);
  });
  fc.assert(property, options);
});

test("mta-sts: an id is letters and digits, or there is none", () => {
  const property = fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
    const id = mtaStsId(texts);
    assert.ok(id === undefined || /^[A-Za-z0-9]{1,32}$/.test(id));
  });
  fc.assert(property, options);
});

const span = { notBefore_ms: Date.UTC(2026, 0, 1), notAfter_ms: Date.UTC(2027, 0, 1) };
const authority = createAuthority({ subject: "CA", names: [], ...span });
const leaf = issueCertificate({ subject: "mx.test", names: ["mx.test"], ...span }, authority, "CA");
const [CA, LEAF] = [authority, leaf].map(({ certificate }) => new X509Certificate(certificate)) as [
  X509Certificate,
  X509Certificate,
];

test("spki: any octets give a key inside them, or nothing", () => {
  const changed = fc
    .array(fc.tuple(fc.nat(LEAF.raw.length - 1), fc.nat(255)), { maxLength: 4 })
    .map((changes) => {
      const octets = Buffer.from(LEAF.raw);
      for (const [at, value] of changes) octets[at] = value;
      return octets;
    });
  const property = fc.property(
    fc.oneof(
      changed,
      fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
    ),
    (octets) => {
      const key = subjectPublicKeyInfo(octets);
      assert.ok(key === undefined || (key[0] === 0x30 && octets.includes(key)));
    },
  );
  fc.assert(property, options);
});

test("dane: random records never throw and never match", () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    fc.nat(CA.raw.length).map((cut) => new Uint8Array(CA.raw.subarray(0, cut === CA.raw.length ? 0 : cut))),
  );
  const record = fc.record({ usage: fc.nat(4), selector: fc.nat(2), matching: fc.nat(3), data: octets });
  const property = fc.property(fc.array(record, { maxLength: 6 }), (records) => {
    const verdict = verifyDane(usableTlsa(records), [LEAF, CA], ["mx.test"], span.notBefore_ms + 1);
    assert.equal(verdict.ok, false);
  });
  fc.assert(property, options);
});
