import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { keyRecord } from "../../src/authentication/dkim/key-pair.ts";
import { DKIM_LIMITS } from "../../src/authentication/dkim/limits.ts";
import { verifySignatures, type VerifyOptions } from "../../src/authentication/dkim/verify.ts";
import type { DkimResult } from "../../src/authentication/results.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { craft, newKey, NOW_MS, zoneOf } from "./dkim-signer.ts";
import { crlf, keyZone } from "./key-zone.ts";

const KEY = newKey("rsa-sha256", "one");
const ED = newKey("ed25519-sha256", "two");
const ZONE = zoneOf(KEY, ED);
const RECORD = keyRecord(KEY).text;
const MESSAGE = crlf("From: a@example.org\nTo: b@example.net\nSubject: Hello\n\nLine one \n\nLine  two\n\n");

const check = (
  octets: Buffer,
  zone: Parameters<typeof keyZone>[0] = ZONE,
  options: Partial<VerifyOptions> = {},
): Promise<readonly DkimResult[]> => verifySignatures(octets, keyZone(zone), { now_ms: NOW_MS, ...options });

/** Result and reason of the only signature. */
async function only(octets: Buffer, zone?: Parameters<typeof keyZone>[0]): Promise<string> {
  const results = await check(octets, zone);
  assert.equal(results.length, 1);
  const [{ result, problem }] = results as [DkimResult];
  return problem === undefined ? result : `${result} ${problem}`;
}

test("a right signature passes and says what it was", async () => {
  for (const c of [
    "simple",
    "relaxed",
    "simple/relaxed",
    "relaxed/simple",
    "relaxed/relaxed",
    "simple/simple",
  ]) {
    assert.equal(await only(await craft(MESSAGE, KEY, { c })), "pass", c);
    assert.equal(await only(await craft(MESSAGE, ED, { c })), "pass", c);
  }
  const [result] = await check(await craft(MESSAGE, KEY, { i: "joe@mail.example.org" }));
  assert.partialDeepStrictEqual(result, {
    result: "pass",
    domain: "example.org",
    selector: "one",
    identity: "joe@mail.example.org",
    algorithm: "rsa-sha256",
    keyBits: 1_024,
    testing: false,
  });
  assert.match(result?.signatureStart ?? "", /^[A-Za-z0-9+/]{8}$/);
  assert.deepEqual(await check(MESSAGE), []);
  assert.deepEqual(await check(Buffer.alloc(0)), []);
});

test("what a signature says of itself (RFC 6376 §6.1.1, RFC 8301)", async () => {
  const cases: readonly (readonly [Record<string, string | null>, string])[] = [
    [{ a: "rsa-sha1" }, "policy rsa-sha1"],
    [{ a: "rsa-sha512" }, "permerror algorithm"],
    [{ v: "2" }, "permerror version"],
    [{ v: null }, "permerror version"],
    [{ h: "to:subject" }, "permerror from-not-signed"],
    [{ i: "joe@example.net" }, "permerror identity"],
    [{ x: "1699999999" }, "fail expired"],
    [{ t: "1700010000" }, "policy future"],
    [{ t: "1699990000", x: "1700000001" }, "pass"],
    [{ d: "example.org\0.evil.example" }, "permerror syntax"],
    [{ s: "one\0" }, "permerror syntax"],
    [{ q: "dns/axfr" }, "permerror query-method"],
    [{ h: "from:from:to:to:subject:x-none:x-none" }, "pass"],
    [{ d: "EXAMPLE.org", s: "ONE" }, "pass"],
    [{ "a=rsa-sha256; v": "1" }, "permerror syntax"],
  ];
  for (const [changes, want] of cases) {
    assert.equal(await only(await craft(MESSAGE, KEY, changes)), want, JSON.stringify(changes));
  }
});

test("what the key says (C-09)", async () => {
  const signed = await craft(MESSAGE, KEY, { i: "@mail.example.org" });
  const short = newKey("rsa-sha256", "one", 768);
  const name = "one._domainkey.example.org";
  const p = RECORD.slice(RECORD.indexOf("p="));
  const cases: readonly (readonly [string | string[] | undefined, string])[] = [
    [undefined, "permerror no-key"],
    ["v=DKIM1; p=", "permerror key-revoked"],
    ["v=spf1 -all", "permerror key-syntax"],
    [["v=spf1 -all", "hello", RECORD], "pass"],
    [["v=DKIM1; p=", "v=spf1 -all"], "permerror key-revoked"],
    [["1", "2", "3", "4", RECORD], "permerror key-syntax"],
    [`v=DKIM1; t=s; ${p}`, "permerror identity"],
    [`v=DKIM1; t=y; ${p}`, "pass"],
    [`v=DKIM1; h=sha1; ${p}`, "permerror key-hash"],
    [`v=DKIM1; s=other; ${p}`, "permerror key-service"],
    [`v=DKIM1; k=ed25519; ${p}`, "permerror key-type"],
    [keyRecord(short).text, "fail key-too-short"],
    [keyRecord(newKey("rsa-sha256", "one")).text, "fail signature"],
  ];
  for (const [record, want] of cases) {
    assert.equal(await only(signed, record === undefined ? {} : { [name]: record }), want, String(record));
  }
  assert.equal(await only(await craft(MESSAGE, short), zoneOf(short)), "fail key-too-short");
  assert.equal((await check(signed, { [name]: `t=y; ${p}` }))[0]?.testing, true);
  const own = await craft(MESSAGE, KEY, { i: "joe@example.org" });
  assert.equal(await only(own, { [name]: `v=DKIM1; t=s; ${p}` }), "pass");
});

test("what happened on the way", async () => {
  const signed = (await craft(MESSAGE, KEY, { h: "from:from:subject" })).toString("latin1");
  const cases: readonly (readonly [string, string, string])[] = [
    ["Line one \r\n", "Line\tone\r\n", "pass"],
    ["Subject: Hello", "SUBJECT \t: \r\n\tHello ", "pass"],
    ["To: b@example.net", "To: c@example.net", "pass"],
    ["two\r\n\r\n", "two\r\n\r\n\r\n", "pass"],
    ["two\r\n\r\n", "two", "pass"],
    ["Line one", "Line One", "fail body-hash"],
    ["two\r\n\r\n", "two\r\n\r\n.", "fail body-hash"],
    ["Subject: Hello", "Subject: hello", "fail signature"],
    ["Subject: Hello\r\n", "", "fail signature"],
    ["To: b", "Subject: Sell\r\nTo: b", "pass"],
    ["To: b", "Subject: Sell\r\nSubject: Hello\r\nTo: b", "pass"],
    ["\r\n\r\nLine", "\r\nSubject: Sell\r\n\r\nLine", "fail signature"],
    // Line ends that are none to others are ends to us, and were not signed.
    ["Hello\r\n", "Hello\n", "fail signature"],
    ["one \r\n", "one \n", "fail body-hash"],
    ["From: a", "X: y\nFrom: a", "pass"],
    ["From: a@example.org\r\n", "", "policy no-from"],
    ["To: b", "From: eve@evil.example\r\nTo: b", "policy several-from"],
    ["To: b", "from : eve@evil.example\r\nTo: b", "policy several-from"],
    ["To: b@example.net", "To: b@example.net\nFrom: eve@evil.example", "policy several-from"],
    ["bh=", "bh=A", "fail body-hash"],
  ];
  for (const [from, to, want] of cases) {
    assert.ok(signed.includes(from), from);
    const changed = Buffer.from(signed.replace(from, to), "latin1");
    assert.equal(await only(changed), want, JSON.stringify(to));
  }
});

test("a signature of a part of the body is no pass (C-11, RFC 6376 §8.2)", async () => {
  const simple = { c: "relaxed/simple" };
  const length = Buffer.byteLength("Line one \r\n\r\nLine  two\r\n");
  for (const l of [0, 1, 10, length - 1]) {
    assert.equal(await only(await craft(MESSAGE, KEY, { ...simple, l: String(l) })), "policy body-length");
  }
  assert.equal(await only(await craft(MESSAGE, KEY, { ...simple, l: String(length) })), "pass");
  const long = await craft(MESSAGE, KEY, { ...simple, l: String(length + 1), bh: "AAAA" });
  assert.equal(await only(long), "policy body-length");
  const signed = await craft(MESSAGE, KEY, { ...simple, l: "4" });
  const changed = Buffer.from(signed.toString("latin1").replace("Line one", "Like one"), "latin1");
  assert.equal(await only(changed), "fail body-hash");
  const added = await craft(MESSAGE, KEY, { ...simple, l: String(length) });
  assert.equal(await only(Buffer.concat([added, Buffer.from("Buy!\r\n")])), "policy body-length");
});

test("h= takes fields from the bottom and never its own (RFC 6376 §5.4.2)", async () => {
  const two = Buffer.concat([Buffer.from("Subject: top\r\n"), MESSAGE]);
  const signed = await craft(two, KEY, { h: "from:subject" });
  const changed = (from: string, to: string): Buffer =>
    Buffer.from(signed.toString("latin1").replace(from, to), "latin1");
  assert.equal(await only(changed("Subject: top", "Subject: TOP")), "pass");
  assert.equal(await only(changed("Subject: Hello", "Subject: HELLO")), "fail signature");
  // The second signature signs the first, and not itself.
  const first = await craft(MESSAGE, ED);
  const both = await craft(first, KEY, { h: "from:dkim-signature:dkim-signature" });
  assert.deepEqual(
    (await check(both)).map(({ result }) => result),
    ["pass", "pass"],
  );
  const broken = Buffer.from(
    both.toString("latin1").replace("a=ed25519-sha256", "a=ed25519-sha255"),
    "latin1",
  );
  assert.deepEqual(
    (await check(broken)).map(({ result, problem }) => `${result} ${problem}`),
    ["fail signature", "permerror algorithm"],
  );
});

test("a thousand signatures: ten are looked at, fifty named, one key asked for (C-10)", async () => {
  const asked: string[] = [];
  const field = (await craft(MESSAGE, KEY)).subarray(0, -MESSAGE.length);
  const octets = Buffer.concat([...Array.from({ length: 1_000 }, () => field), MESSAGE]);
  const results = await verifySignatures(octets, keyZone(ZONE, asked), { now_ms: NOW_MS });
  assert.equal(results.length, DKIM_LIMITS.reportedMax);
  assert.equal(results.filter(({ result }) => result === "pass").length, DKIM_LIMITS.signaturesMax);
  assert.ok(
    results.slice(10).every((one) => one.result === "policy" && one.problem === "too-many-signatures"),
  );
  assert.equal(results[49]?.domain, "example.org");
  assert.deepEqual(asked, ["one._domainkey.example.org"]);
  const fewer = await check(octets, ZONE, { signaturesMax: 2 });
  assert.equal(fewer.filter(({ result }) => result === "pass").length, 2);
  const more = await check(octets, ZONE, { signaturesMax: 1_000 });
  assert.equal(more.filter(({ result }) => result === "pass").length, DKIM_LIMITS.signaturesMax);
});

test("names nobody can have never reach the DNS", async () => {
  const asked: string[] = [];
  const odd = [
    "a\0b",
    "a b",
    "a..b",
    ".",
    "-",
    "a/b",
    "\xff",
    "x".repeat(64),
    "a\r\n b",
    "a;b",
    "a\\000b",
    "*",
  ];
  for (const one of odd) {
    for (const changes of [{ s: one }, { d: one }, { d: `${one}.example.org` }, { d: `example.${one}` }]) {
      const octets = await craft(MESSAGE, KEY, changes);
      const results = await verifySignatures(octets, keyZone(ZONE, asked), { now_ms: NOW_MS });
      assert.ok(
        results.every(({ result }) => result === "permerror"),
        JSON.stringify(changes),
      );
      assert.ok(results.every(({ domain, selector }) => /^[a-z0-9._-]*$/.test(domain + selector)));
    }
  }
  assert.deepEqual(asked, []);
});

test("a DNS that fails, hangs or is called off is a temperror", async () => {
  const signed = await craft(MESSAGE, KEY);
  const failing: Dns = { query: () => Promise.resolve({ kind: "failure", reason: "servfail" }) };
  const hanging: Dns = { query: () => new Promise(() => {}) };
  const [failed] = await verifySignatures(signed, failing, { now_ms: NOW_MS });
  assert.deepEqual([failed?.result, failed?.problem], ["temperror", "dns-servfail"]);
  const [late] = await verifySignatures(signed, hanging, { now_ms: NOW_MS, signal: AbortSignal.timeout(20) });
  assert.deepEqual([late?.result, late?.problem], ["temperror", "timeout"]);
  const [off] = await verifySignatures(signed, hanging, { now_ms: NOW_MS, signal: AbortSignal.abort() });
  assert.deepEqual([off?.result, off?.problem], ["temperror", "timeout"]);
});

test("headers without measure", async () => {
  const signed = await craft(MESSAGE, KEY);
  const many = Buffer.from("X: y\r\n".repeat(DKIM_LIMITS.headerFieldsMax + 1));
  assert.equal(
    await only(Buffer.concat([signed.subarray(0, -MESSAGE.length), many, MESSAGE])),
    "policy header-too-long",
  );
  const long = Buffer.from(`X: ${"y".repeat(DKIM_LIMITS.headerOctetsMax)}\r\n`);
  assert.equal(
    await only(Buffer.concat([signed.subarray(0, -MESSAGE.length), long, MESSAGE])),
    "policy header-too-long",
  );
  const names = Array.from({ length: 1_000 }, (_, i) => (i === 0 ? "from" : `x-${i}`)).join(":");
  assert.equal(await only(await craft(MESSAGE, KEY, { h: names })), "pass");
  assert.equal(await only(await craft(MESSAGE, KEY, { h: `${names}:to` })), "permerror syntax");
});

test("the malformed corpus: every field has its reason, no key is found, nothing passes", async () => {
  const corpus = JSON.parse(
    readFileSync(new URL("../corpora/dkim/malformed.json", import.meta.url), "utf8"),
  ) as { readonly name: string; readonly value: string; readonly want: string }[];
  for (const { name, value, want } of corpus) {
    const octets = Buffer.concat([Buffer.from(`DKIM-Signature: ${value}\r\n`, "latin1"), MESSAGE]);
    assert.equal(await only(octets, {}), want, name);
  }
  assert.ok(corpus.length >= 50);
});
