import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { parseKeyRecord, type KeyProblem } from "./key-record.ts";
import { characterStrings, generatePrivateKey, keyRecord, readSigningKey } from "./key-pair.ts";
import type { SigningAlgorithm } from "./algorithm.ts";

const rsa = (bits: number, publicExponent = 65_537): KeyObject =>
  generateKeyPairSync("rsa", { modulusLength: bits, publicExponent }).publicKey;
const der = (key: KeyObject, type: "spki" | "pkcs1" = "spki"): string =>
  key.export({ type, format: "der" } as { type: "spki"; format: "der" }).toString("base64");

const KEY = rsa(1_024);
const P = der(KEY);
const ED = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

test("key records that serve (RFC 6376 §3.6.1, RFC 8463 §4)", () => {
  const cases: readonly (readonly [string, SigningAlgorithm, object])[] = [
    [`v=DKIM1; k=rsa; p=${P}`, "rsa-sha256", { type: "rsa", bits: 1_024, testing: false, strict: false }],
    [`p=${P}`, "rsa-sha256", { bits: 1_024 }],
    [`k=RSA; p=${P.replace(/.{60}/g, "$& \r\n ")};`, "rsa-sha256", { bits: 1_024 }],
    [`v=DKIM1; p=${der(KEY, "pkcs1")}`, "rsa-sha256", { bits: 1_024 }],
    [`v=DKIM1; t=y:s; p=${P}`, "rsa-sha256", { testing: true, strict: true }],
    [`v=DKIM1; t=x : S; h=sha1 : sha256; s=tlsrpt:email; n=hi; g=; p=${P}`, "rsa-sha256", { strict: true }],
    [`v=DKIM1; k=ed25519; p=${ED}`, "ed25519-sha256", { type: "ed25519", bits: 256 }],
  ];
  for (const [text, algorithm, want] of cases) {
    const key = parseKeyRecord(text, algorithm);
    assert.ok(key.ok, text);
    assert.partialDeepStrictEqual(key.value, want);
  }
});

test("key records that do not (C-09)", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
  const cases: readonly (readonly [string, KeyProblem])[] = [
    ["", "key-syntax"],
    ["v=DKIM1; k=rsa", "key-syntax"],
    ["v=DKIM1; p=; k=rsa", "key-revoked"],
    ["v=DKIM1; k=ed25519; p= ", "key-revoked"],
    [`v=DKIM2; p=${P}`, "key-syntax"],
    [`p=${P}; v=DKIM1`, "key-syntax"],
    [`v=dkim1; p=${P}`, "key-syntax"],
    [`v=spf1 include:example.com -all`, "key-syntax"],
    [`v=DKIM1; p=${P}; p=${P}`, "key-syntax"],
    [`v=DKIM1; k=ed25519; p=${ED}`, "key-type"],
    [`v=DKIM1; k=dsa; p=${P}`, "key-type"],
    [`v=DKIM1; h=sha1; p=${P}`, "key-hash"],
    [`v=DKIM1; h=; p=${P}`, "key-hash"],
    [`v=DKIM1; s=tlsrpt; p=${P}`, "key-service"],
    ["v=DKIM1; p=not_base64", "key-syntax"],
    ["v=DKIM1; p=AAAA", "key-syntax"],
    [`v=DKIM1; p=${P.slice(0, -8)}`, "key-syntax"],
    [`v=DKIM1; p=${der(ec)}`, "key-syntax"],
    [`v=DKIM1; p=${der(rsa(768))}`, "key-too-short"],
    [`v=DKIM1; p=${der(rsa(512))}`, "key-too-short"],
    [`v=DKIM1; p=${der(rsa(1_023))}`, "key-too-short"],
    [`v=DKIM1; p=${"A".repeat(3_000)}`, "key-too-long"],
    [`v=DKIM1; p=${P}; n=${"x".repeat(4_096)}`, "key-too-long"],
  ];
  for (const [text, want] of cases) {
    const key = parseKeyRecord(text, "rsa-sha256");
    assert.equal(key.ok ? "ok" : key.error, want, text.slice(0, 80));
  }
  assert.deepEqual(parseKeyRecord(`k=ed25519; p=${P}`, "ed25519-sha256"), { ok: false, error: "key-syntax" });
  assert.deepEqual(parseKeyRecord(`p=${ED}`, "ed25519-sha256"), { ok: false, error: "key-type" });
});

test("generated keys: stored, read, published, and read again by a verifier", async () => {
  for (const algorithm of ["rsa-sha256", "ed25519-sha256"] as const) {
    const privateKey = await generatePrivateKey(algorithm);
    assert.match(privateKey, /^-----BEGIN PRIVATE KEY-----/);
    const stored = { domain: "Example.org", selector: "2026a", algorithm, privateKey };
    const key = readSigningKey(stored);
    assert.ok(key);
    const { name, text } = keyRecord(key);
    assert.equal(name, "2026a._domainkey.example.org");
    const strings = characterStrings(text);
    assert.ok(strings.every((one) => one.length <= 255) && strings.join("") === text);
    const record = parseKeyRecord(text, algorithm);
    assert.equal(record.ok && record.value.bits, algorithm === "rsa-sha256" ? 2_048 : 256);
    const other = algorithm === "rsa-sha256" ? "ed25519-sha256" : "rsa-sha256";
    assert.equal(readSigningKey({ ...stored, algorithm: other }), undefined);
    assert.equal(readSigningKey({ ...stored, domain: "" }), undefined);
    assert.equal(readSigningKey({ ...stored, selector: "a\0b" }), undefined);
    assert.equal(readSigningKey({ ...stored, privateKey: "no key" }), undefined);
  }
});

test("a private key too short to be believed does not sign", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 768 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const stored = { domain: "example.org", selector: "s", algorithm: "rsa-sha256", privateKey: pem } as const;
  assert.equal(readSigningKey(stored), undefined);
});
