import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BodyCanonicalizer } from "../../src/authentication/dkim/canonical.ts";
import { keyRecord, type SigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import { verifySignatures } from "../../src/authentication/dkim/verify.ts";
import type { DkimResult } from "../../src/authentication/results.ts";
import { parseDomain } from "../../src/base/domain-name.ts";
import { findField, findFields } from "../../src/message/header.ts";
import { newKey, NOW_MS, zoneOf } from "./dkim-signer.ts";
import { generatedMessages } from "./dkim-messages.ts";
import { crlf, keyZone } from "./key-zone.ts";

const RSA = newKey("rsa-sha256", "rsa2026", 2_048);
const ED = newKey("ed25519-sha256", "ed2026");
const KEYS = [RSA, ED];
const ZONE = zoneOf(...KEYS);
const MESSAGE = crlf(
  "From: a@example.org\nTo: b@example.net\nSubject: Hello\nList-Id: <l.example.org>\nReceived: x\n\nHi\n",
);

const read = (name: string): string =>
  readFileSync(new URL(`../corpora/dkim/${name}`, import.meta.url), "latin1");

const check = (octets: Buffer, zone = ZONE, now_ms = NOW_MS): Promise<readonly DkimResult[]> =>
  verifySignatures(octets, keyZone(zone), { now_ms });

const outcome = ({ result, problem }: DkimResult): string =>
  problem === undefined ? result : `${result} ${problem}`;

test("the examples of RFC 6376 §A.2 and RFC 8463 §A.3 pass", async () => {
  // The RFC prints two spaces behind the first sentence of the body; the hash is that of one.
  const key =
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v" +
    "3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUY" +
    "ckcQ2QIDAQAB";
  const first = await check(crlf(read("rfc6376-example.msg")), { "brisbane._domainkey.example.com": key });
  assert.deepEqual(first.map(outcome), ["pass"]);
  const { zone, message } = withKeys("001.txt");
  for (const octets of [message, crlf(read("rfc8463-example.msg"))]) {
    const both = await check(octets, zone);
    assert.deepEqual(both.map(outcome), ["pass", "pass"]);
    assert.deepEqual(
      both.map((one) => [one.algorithm, one.keyBits]),
      [
        ["ed25519-sha256", 256],
        ["rsa-sha256", 1_024],
      ],
    );
  }
});

test("mail of others: ietf.org, Facebook, Topicbox, GitHub", async () => {
  const cases = [
    ["002.txt", ["pass"]],
    ["003.txt", ["pass", "pass"]],
    ["004.txt", ["pass"]],
    ["005.txt", ["pass"]],
    ["006.txt", ["pass"]],
  ] as const;
  for (const [name, want] of cases) {
    const { zone, message } = withKeys(name);
    assert.deepEqual((await check(message, zone, 1_667_870_000_000)).map(outcome), want, name);
    const changed = Buffer.from(message);
    changed[changed.length - 10] = 0x23;
    const results = await check(changed, zone, 1_667_870_000_000);
    assert.ok(
      results.every((one) => outcome(one) === "fail body-hash"),
      name,
    );
  }
  const { zone, message } = withKeys("005.txt");
  assert.deepEqual((await check(message, zone, 1_700_000_000_000)).map(outcome), ["fail expired"]);
});

function withKeys(name: string): { zone: Record<string, string>; message: Buffer } {
  const text = read(name);
  const end = text.indexOf("\n\n");
  const records = text
    .slice(0, end)
    .split("\n")
    .map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) as [string, string]);
  return { zone: Object.fromEntries(records), message: crlf(text.slice(end + 2)) };
}

test("two signatures, relaxed, From over-signed, without l= (C-07)", async () => {
  const signatures = signMessage(MESSAGE, KEYS, { now_ms: NOW_MS, lifetime_s: 86_400 });
  const text = signatures.toString("latin1");
  assert.match(text, /^(?:DKIM-Signature: v=1; a=(?:rsa|ed25519)-sha256; [^]*?=\r\n){2}$/);
  assert.ok(
    text.split("\r\n").every((line) => line.length <= 78),
    text,
  );
  const [names = ""] = /(?<=h=)[^;]*/.exec(text.replace(/\r\n\t/g, "")) ?? [];
  const count = (name: string): number => names.split(":").filter((one) => one.trim() === name).length;
  assert.deepEqual(["From", "Subject", "To", "Cc"].map(count), [2, 2, 2, 1]);
  assert.deepEqual(["Date", "Content-Type", "List-Id", "Reply-To", "Received"].map(count), [1, 1, 1, 0, 0]);
  assert.doesNotMatch(text, / l=/);
  assert.match(text, / t=1700000000;/);
  assert.match(text, / x=1700086400;/);
  assert.deepEqual((await check(Buffer.concat([signatures, MESSAGE]))).map(outcome), ["pass", "pass"]);
});

test("what is added afterwards breaks the signatures, what is not signed may change", async () => {
  const signed = Buffer.concat([signMessage(MESSAGE, KEYS, { now_ms: NOW_MS }), MESSAGE]).toString("latin1");
  const cases: readonly (readonly [string, string, string])[] = [
    ["To: b", "Subject: Sell\r\nTo: b", "fail signature"],
    ["To: b", "Content-Type: text/html\r\nTo: b", "fail signature"],
    ["To: b", "Cc: c@example.com\r\nTo: b", "fail signature"],
    ["To: b", "From: c@example.com\r\nTo: b", "policy several-from"],
    ["To: b", "Reply-To: c@example.com\r\nTo: b", "pass"],
    ["Received: x", "Received: y\r\nReceived: x", "pass"],
    ["<l.example.org>", "<m.example.org>", "fail signature"],
  ];
  for (const [from, to, want] of cases) {
    const changed = Buffer.from(signed.replace(from, to), "latin1");
    assert.deepEqual((await check(changed)).map(outcome), [want, want], to);
  }
});

test("an Ed25519 key never signs alone (C-08), no key signs nothing", () => {
  const other: SigningKey = { ...RSA, domain: parseDomain("other.example") as never };
  const signed = (keys: readonly SigningKey[], message = MESSAGE): string[] =>
    findFields(signMessage(message, keys, { now_ms: NOW_MS }), "DKIM-Signature").map((value) =>
      value.slice(5, 12),
    );
  assert.deepEqual(signed([ED]), []);
  assert.deepEqual(signed([ED, other]), ["a=rsa-s"]);
  assert.deepEqual(signed([ED, RSA]), ["a=ed255", "a=rsa-s"]);
  assert.deepEqual(signed([]), []);
  assert.deepEqual(signed([RSA], Buffer.concat([Buffer.from("X: y\r\n".repeat(10_001)), MESSAGE])), []);
});

test("hundreds of messages signed and verified", async (t) => {
  let count = 0;
  for (const message of generatedMessages(400)) {
    const signed = Buffer.concat([signMessage(message, KEYS, { now_ms: NOW_MS }), message]);
    const results = await check(signed);
    const shown = message.toString("latin1");
    assert.deepEqual(results.map(outcome), ["pass", "pass"], shown);
    count++;
  }
  t.diagnostic(`${count} messages, two signatures each`);
});

test("a signed message whose body is cut at every octet keeps its hash (C-12)", () => {
  const [, body = ""] = withKeys("003.txt")
    .message.toString("latin1")
    .split(/\r\n\r\n([^]*)/);
  const octets = Buffer.from(body.slice(0, 1_500), "latin1");
  for (const kind of ["simple", "relaxed"] as const) {
    const whole = canonical(kind, [octets]);
    for (let i = 0; i <= octets.length; i++) {
      assert.ok(canonical(kind, [octets.subarray(0, i), octets.subarray(i)]) === whole, `${kind} ${i}`);
    }
  }
});

function canonical(kind: "simple" | "relaxed", pieces: readonly Buffer[]): string {
  let out = "";
  const canonicalizer = new BodyCanonicalizer(kind, (octets) => (out += octets.toString("latin1")));
  for (const piece of pieces) canonicalizer.update(piece);
  canonicalizer.end();
  return out;
}

test("a key of the longest size still folds and verifies", async () => {
  const long = newKey("rsa-sha256", "long", 4_096);
  const signed = Buffer.concat([signMessage(MESSAGE, [long], { now_ms: NOW_MS }), MESSAGE]);
  const [result] = await check(signed, { [keyRecord(long).name]: keyRecord(long).text });
  assert.deepEqual([result?.result, result?.keyBits], ["pass", 4_096]);
  assert.ok((findField(signed, "DKIM-Signature") ?? "").includes("s=long"));
});
