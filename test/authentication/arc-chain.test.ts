import assert from "node:assert/strict";
import { test } from "node:test";
import { collectChain } from "../../src/authentication/arc/chain.ts";
import { sealMessage, type SealOptions } from "../../src/authentication/arc/seal.ts";
import { verifyChain } from "../../src/authentication/arc/verify.ts";
import { splitMessage } from "../../src/authentication/dkim/signed-data.ts";
import type { ArcResult } from "../../src/authentication/results.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { findFields } from "../../src/message/header.ts";
import { newKey, NOW_MS, zoneOf } from "./dkim-signer.ts";
import { crlf, keyZone } from "./key-zone.ts";

const RSA = newKey("rsa-sha256", "one");
const ED = newKey("ed25519-sha256", "two");
const DNS = keyZone(zoneOf(RSA, ED));
const MESSAGE = crlf("From: a@example.org\nTo: b@example.net\nSubject: Hello\nReceived: x\n\nHi \n\nthere\n");
const RESULTS = "mx.example.org; spf=pass smtp.mailfrom=example.net;\r\n\tdkim=none";

const check = (octets: Buffer, dns: Dns = DNS): Promise<ArcResult> =>
  verifyChain(octets, dns, { now_ms: NOW_MS });

async function sealed(octets: Buffer, key = RSA, options: Partial<SealOptions> = {}): Promise<Buffer> {
  const chain = await check(octets);
  const set = sealMessage(octets, key, { now_ms: NOW_MS, chain, authenticationResults: RESULTS, ...options });
  assert.ok(set);
  return Buffer.concat([set, octets]);
}

const replaced = (octets: Buffer, from: string | RegExp, to: string): Buffer =>
  Buffer.from(octets.toString("latin1").replace(from, to), "latin1");

test("sealed hop by hop, with keys of both kinds", async () => {
  assert.deepEqual(await check(MESSAGE), { result: "none", instances: 0 });
  let octets = MESSAGE;
  for (let i = 1; i <= 6; i++) {
    octets = await sealed(octets, i % 2 ? RSA : ED);
    const want = { result: "pass", instances: i, sealer: "example.org", oldestPass: 0 };
    assert.deepEqual(await check(octets), want);
    octets = Buffer.concat([Buffer.from(`Received: hop ${i}\r\n`), octets]);
  }
  const { sets } = collectChain(splitMessage(octets));
  assert.equal(sets?.[5]?.results.reported.results[0]?.result, "pass");
  assert.equal(
    findFields(octets, "ARC-Authentication-Results")[0],
    `i=6; ${RESULTS.replace("\r\n\t", "\t")}`,
  );
});

test("a list that changes the message and seals again: the chain holds, oldest-pass tells (RFC 8617 §5.2)", async () => {
  const first = await sealed(await sealed(MESSAGE));
  const listed = replaced(
    replaced(first, "Subject: Hello", "Subject: [list] Hello"),
    "there",
    "there\r\n-- \r\nlist",
  );
  const broken = await check(listed);
  assert.deepEqual([broken.result, broken.problem], ["fail", "message-body-hash"]);
  // The list saw the chain whole before it changed the message.
  const set = sealMessage(listed, RSA, {
    now_ms: NOW_MS,
    chain: await check(first),
    authenticationResults: RESULTS,
  });
  const got = await check(Buffer.concat([set as Buffer, listed]));
  assert.deepEqual([got.result, got.instances, got.oldestPass], ["pass", 3, 3]);
});

test("a broken chain is marked once, and stays broken (RFC 8617 §5.1.2, §5.1.3)", async () => {
  const broken = replaced(await sealed(MESSAGE), "Hi", "Ho");
  const marked = await sealed(broken);
  assert.match(findFields(marked, "ARC-Seal")[0] ?? "", /cv=fail; d=example.org; i=2;/);
  const got = await check(marked);
  assert.deepEqual([got.result, got.problem, got.instances], ["fail", "failed-before", 2]);
  const chain = got;
  assert.equal(
    sealMessage(marked, RSA, { now_ms: NOW_MS, chain, authenticationResults: RESULTS }),
    undefined,
  );
});

test("fifty sets are a chain, more are none (RFC 8617 §4.2.1)", async () => {
  let octets = MESSAGE;
  let chain: ArcResult = { result: "none", instances: 0 };
  for (let i = 1; i <= 50; i++) {
    const set = sealMessage(octets, ED, { now_ms: NOW_MS, chain, authenticationResults: "x; none" });
    octets = Buffer.concat([set as Buffer, octets]);
    chain = { result: "pass", instances: i };
  }
  const got = await check(octets);
  assert.deepEqual([got.result, got.instances, got.oldestPass], ["pass", 50, 0]);
  assert.equal(
    sealMessage(octets, ED, { now_ms: NOW_MS, chain, authenticationResults: "x; none" }),
    undefined,
  );
  const more = Buffer.concat([Buffer.from("ARC-Seal: i=51; cv=pass\r\n"), octets]);
  const none = await check(more);
  assert.deepEqual([none.result, none.problem], ["fail", "too-many-instances"]);
});

test("what breaks a chain", async () => {
  const one = await sealed(MESSAGE);
  const two = await sealed(one);
  const cases: readonly (readonly [Buffer, string | RegExp, string, string])[] = [
    [one, "Subject: Hello", "Subject: Bye", "message-signature"],
    [one, "To: b", "From: e@example.com\r\nTo: b", "message-signature"],
    [one, "spf=pass", "spf=fail", "seal-signature"],
    [one, "cv=none", "cv=pass", "cv"],
    [one, /ARC-Seal: [^]*?(?=ARC-M)/, "", "structure"],
    [one, /ARC-Seal: a=/, "ARC-Seal: x=1; h=from; a=", "seal-names-fields"],
    [one, /ARC-Authentication-Results: i=1;/, "ARC-Authentication-Results: i=2;", "structure"],
    [one, /ARC-Authentication-Results: i=1;/, "ARC-Authentication-Results: j=1;", "syntax"],
    [one, /a=rsa-sha256;\r\n\tb=/, "a=rsa-sha1;\r\n\tb=", "seal-rsa-sha1"],
    [one, /h=From:/, "h=arc-seal:From:", "message-signs-seal"],
    [two, /i=1; s=one/, "i=3; s=one", "structure"],
    [two, /s=one; t=1700000000\r\nARC-M/, "s=\0; t=1700000000\r\nARC-M", "syntax"],
  ];
  for (const [octets, from, to, want] of cases) {
    const got = await check(replaced(octets, from, to));
    assert.deepEqual([got.result, got.problem], ["fail", want], `${from} ${to}`);
  }
});

test("a key nobody has, a DNS that fails or hangs: final (RFC 8617 §5.2.1)", async () => {
  const octets = await sealed(MESSAGE);
  const failing: Dns = { query: () => Promise.resolve({ kind: "failure", reason: "servfail" }) };
  const hanging: Dns = { query: () => new Promise(() => {}) };
  assert.equal((await check(octets, keyZone({}))).problem, "message-no-key");
  assert.equal((await check(octets, failing)).problem, "message-dns-servfail");
  const signal = AbortSignal.timeout(20);
  assert.equal((await verifyChain(octets, hanging, { now_ms: NOW_MS, signal })).problem, "message-timeout");
});

test("ARC fields without measure ask nobody", async () => {
  const asked: string[] = [];
  const field = `ARC-Seal: i=1; cv=none; x=${"y".repeat(30_000)}\r\n`;
  const octets = Buffer.concat([Buffer.from(field.repeat(10)), MESSAGE]);
  const got = await verifyChain(octets, keyZone({}, asked), { now_ms: NOW_MS });
  assert.deepEqual([got.result, got.problem, asked.length], ["fail", "too-long", 0]);
  const many = Buffer.concat([Buffer.from("ARC-Seal: i=1; cv=none\r\n".repeat(5_000)), MESSAGE]);
  assert.equal((await check(many)).problem, "structure");
});
