import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDkimSignature, timeProblem } from "./signature.ts";
import { parseTagList, type TagList } from "./tag-list.ts";

const GOOD = {
  v: "1",
  a: "rsa-sha256",
  c: "relaxed/simple",
  d: "Example.org",
  s: "sel",
  t: "1700000000",
  h: "From:To",
  bh: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  b: "AAAA",
};

/** The good signature with some tags changed; null takes one away. */
function tags(changes: Readonly<Record<string, string | null>>): TagList {
  const all = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== null);
  const list = parseTagList(all.map(([name, value]) => `${name}=${value}`).join("; "));
  assert.ok(list);
  return list;
}

test("signatures that can be checked (RFC 6376 §3.5)", () => {
  const cases: readonly (readonly [Record<string, string | null>, object])[] = [
    [{}, { domain: "example.org", keyName: "sel._domainkey.example.org", signedNames: ["from", "to"] }],
    [{}, { canonicalization: { header: "relaxed", body: "simple" }, identity: "@example.org" }],
    [{ c: null }, { canonicalization: { header: "simple", body: "simple" } }],
    [{ c: "relaxed" }, { canonicalization: { header: "relaxed", body: "simple" } }],
    [{ i: "u@Sub.example.org" }, { identity: "u@Sub.example.org", identityDomain: "sub.example.org" }],
    [{ i: "a@b@example.org" }, { identityDomain: "example.org" }],
    [{ s: "20230601" }, { keyName: "20230601._domainkey.example.org", selector: "20230601" }],
    [{ s: "a.b" }, { keyName: "a.b._domainkey.example.org" }],
    [{ q: "x/y : dns/txt" }, {}],
    [
      { l: "0", x: "1700000001" },
      { bodyLength: 0, expires_s: 1_700_000_001 },
    ],
    [{ h: "subject :\r\n From : X" }, { signedNames: ["subject", "from", "x"] }],
    [{ zz: "unknown" }, {}],
    [{ a: "ed25519-sha256" }, { algorithm: "ed25519-sha256" }],
    [{ d: "b\xc3\xbccher.example" }, { domain: "xn--bcher-kva.example" }],
  ];
  for (const [changes, want] of cases) {
    const parsed = parseDkimSignature(tags(changes));
    assert.ok(parsed.ok, JSON.stringify(changes));
    assert.partialDeepStrictEqual(parsed.value, want);
  }
});

test("signatures that cannot (RFC 6376 §6.1.1)", () => {
  const cases: readonly (readonly [Record<string, string | null>, string])[] = [
    [{ v: null }, "version"],
    [{ v: "2" }, "version"],
    [{ v: "1.0" }, "version"],
    [{ a: null }, "algorithm"],
    [{ a: "RSA-SHA256" }, "algorithm"],
    [{ a: "rsa-md5" }, "algorithm"],
    [{ a: "rsa-sha1" }, "rsa-sha1"],
    [{ b: null }, "syntax"],
    [{ b: "" }, "syntax"],
    [{ b: "a_b" }, "syntax"],
    [{ bh: null }, "syntax"],
    [{ bh: "!" }, "syntax"],
    [{ h: null }, "syntax"],
    [{ h: "" }, "syntax"],
    [{ h: "From::To" }, "syntax"],
    [{ h: Array.from({ length: 1_001 }, () => "From").join(":") }, "syntax"],
    [{ h: "To:Subject" }, "from-not-signed"],
    [{ h: "X-From" }, "from-not-signed"],
    [{ c: "" }, "canonicalization"],
    [{ c: "nofws" }, "canonicalization"],
    [{ c: "simple/simple/simple" }, "canonicalization"],
    [{ d: null }, "domain"],
    [{ d: "" }, "domain"],
    [{ d: "example..org" }, "domain"],
    [{ d: "exa mple.org" }, "domain"],
    [{ d: "*.org" }, "domain"],
    [{ d: "192.0.2.1" }, "domain"],
    [{ d: "\xff.example" }, "domain"],
    [{ s: null }, "domain"],
    [{ s: "" }, "domain"],
    [{ s: "." }, "domain"],
    [{ s: "a..b" }, "domain"],
    [{ s: "a/b" }, "domain"],
    [{ s: "x".repeat(64) }, "domain"],
    [{ s: Array.from({ length: 30 }, () => "label67").join(".") + ".xxxxxxxxxxxxxxxxxx" }, "domain"],
    [{ i: "u@example.com" }, "identity"],
    [{ i: "u@badexample.org" }, "identity"],
    [{ i: "example.org" }, "identity"],
    [{ i: "" }, "identity"],
    [{ i: "@" }, "identity"],
    [{ i: `${"u".repeat(1_024)}@example.org` }, "identity"],
    [{ q: "dns/other" }, "query-method"],
    [{ l: "-1" }, "syntax"],
    [{ l: "" }, "syntax"],
    [{ l: "1e3" }, "syntax"],
    [{ l: "9".repeat(77) }, "syntax"],
    [{ t: "1 7" }, "syntax"],
    [{ t: "1".repeat(13) }, "syntax"],
    [{ x: "soon" }, "syntax"],
    [{ x: "1700000000" }, "expired"],
  ];
  for (const [changes, want] of cases) {
    const parsed = parseDkimSignature(tags(changes));
    assert.equal(parsed.ok ? "ok" : parsed.error, want, JSON.stringify(changes).slice(0, 100));
  }
});

test("signatures end, and do not come from the future", () => {
  const parsed = parseDkimSignature(tags({ x: "1700001000" }));
  assert.ok(parsed.ok);
  const cases = [
    [1_700_000_000, undefined],
    [1_700_001_000, undefined],
    [1_700_001_001, "expired"],
    [1_700_000_000 - 3_600, undefined],
    [1_700_000_000 - 3_601, "future"],
  ] as const;
  for (const [now_s, want] of cases)
    assert.equal(timeProblem(parsed.value, now_s * 1_000), want, String(now_s));
});
