import assert from "node:assert/strict";
import { test } from "node:test";
import type { Domain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import {
  parseArcAuthenticationResults,
  parseAuthenticationResults,
  withoutForged,
  type ReportedResults,
} from "./authentication-results-parse.ts";
import { formatAuthenticationResults, reportedResults } from "./authentication-results.ts";
import type { Authentication } from "./results.ts";

const ID = "mx.example.org";
const everything: Authentication = {
  iprev: { result: "pass", name: "mail.example.net" as Domain, reverseName: "mail.example.net" as Domain },
  spf: [
    {
      result: "pass",
      identity: "mailfrom",
      domain: "bounce.example.net",
      mechanism: "ip6:2001:db8::/32",
      lookups: 1,
    },
    { result: "none", identity: "helo", domain: "mail.example.net", problem: "no-record", lookups: 0 },
  ],
  dkim: [
    {
      result: "pass",
      domain: "example.net",
      selector: "s2026",
      algorithm: "ed25519-sha256",
      signatureStart: "dX0+/z=a",
      testing: false,
    },
    {
      result: "fail",
      domain: "list.example",
      selector: "k1",
      algorithm: "rsa-sha256",
      signatureStart: "AAAAbbbb",
      problem: "body-hash",
      testing: false,
    },
  ],
  arc: { result: "pass", instances: 2, sealer: "list.example", oldestPass: 0 },
  dmarc: {
    result: "pass",
    authorDomain: "example.net",
    requested: "reject",
    spfAligned: true,
    dkimAligned: true,
  },
};
const nothing: Authentication = {
  spf: [],
  dkim: [],
  arc: { result: "none", instances: 0 },
  dmarc: { result: "none", authorDomain: "", requested: "none", spfAligned: false, dkimAligned: false },
};

test("a field says everything in lines of decent length", () => {
  assert.equal(
    formatAuthenticationResults(ID, everything, parseIp("2001:db8::25")),
    [
      "Authentication-Results: mx.example.org;",
      '\tiprev=pass policy.iprev="2001:db8::25";',
      "\tspf=pass smtp.mailfrom=bounce.example.net;",
      "\tspf=none reason=no-record smtp.helo=mail.example.net;",
      "\tdkim=pass header.d=example.net header.s=s2026 header.a=ed25519-sha256",
      '\theader.b="dX0+/z=a";',
      "\tdkim=fail reason=body-hash header.d=list.example header.s=k1",
      "\theader.a=rsa-sha256 header.b=AAAAbbbb;",
      '\tarc=pass header.oldest-pass=0 smtp.remote-ip="2001:db8::25";',
      "\tdmarc=pass header.from=example.net policy.dmarc=reject",
      "",
    ].join("\r\n"),
  );
  assert.equal(
    formatAuthenticationResults(ID, nothing),
    "Authentication-Results: mx.example.org;\r\n\tdkim=none;\r\n\tarc=none;\r\n\tdmarc=none\r\n",
  );
});

test("what is written is read again", () => {
  const text = formatAuthenticationResults(ID, everything, parseIp("192.0.2.1")).slice(24, -2);
  assert.deepEqual(parseAuthenticationResults(text), {
    authServId: ID,
    results: reportedResults(everything, parseIp("192.0.2.1")),
  });
});

test("no value can end the field or pass for another result", () => {
  const hostile = 'a"\\\r\nX-Evil: 1\r\n\r\n; spf=pass (é';
  const field = formatAuthenticationResults(ID, {
    ...nothing,
    dkim: [
      {
        result: "permerror",
        domain: hostile,
        selector: "s".repeat(5_000),
        signatureStart: "",
        testing: false,
      },
    ],
  });
  assert.ok(!/\r\n(?![\t]|$)/.test(field), field);
  assert.ok(!/[^\t\r\n\x20-\x7e]/.test(field));
  assert.ok(field.split("\r\n").every((line) => line.length < 998));
  const [dkim, ...others] = parseAuthenticationResults(field.slice(24))?.results ?? [];
  assert.equal(dkim?.properties[0]?.value, 'a"\\??X-Evil: 1????; spf=pass (?');
  assert.deepEqual(
    others.map(({ method }) => method),
    ["arc", "dmarc"],
  );
});

test("examples of RFC 8601 appendix B", () => {
  const table: [string, ReportedResults][] = [
    ["example.org 1; none", { authServId: "example.org", results: [] }],
    [
      "example.com;\r\n          spf=pass smtp.mailfrom=example.net",
      { authServId: "example.com", results: [result("spf", "pass", ["smtp", "mailfrom", "example.net"])] },
    ],
    [
      "example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=pass smtp.mailfrom=example.net",
      {
        authServId: "example.com",
        results: [
          result("auth", "pass", ["smtp", "auth", "sender@example.net"]),
          result("spf", "pass", ["smtp", "mailfrom", "example.net"]),
        ],
      },
    ],
    [
      'example.com;\r\n dkim=pass reason="good signature"\r\n  header.i=@mail-router.example.net;\r\n' +
        ' dkim=fail reason="bad signature"\r\n  header.i=@newyork.example.com',
      {
        authServId: "example.com",
        results: [
          {
            ...result("dkim", "pass", ["header", "i", "@mail-router.example.net"]),
            reason: "good signature",
          },
          { ...result("dkim", "fail", ["header", "i", "@newyork.example.com"]), reason: "bad signature" },
        ],
      },
    ],
    [
      "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n" +
        "  policy (A dot can go here) . (like that) expired\r\n" +
        "  (this surprised me) = (as I wasn't expecting it) 1362471462",
      {
        authServId: "foo.example.net",
        results: [result("dkim", "fail", ["policy", "expired", "1362471462"])],
      },
    ],
  ];
  for (const [text, want] of table) assert.deepEqual(parseAuthenticationResults(text), want, text);
});

function result(method: string, value: string, ...properties: [string, string, string][]) {
  return {
    method,
    result: value,
    properties: properties.map(([type, name, v]) => ({ type, name, value: v })),
  };
}

test("malformed values end in something small", () => {
  const table: [string, ReportedResults | undefined][] = [
    ["", undefined],
    [";", undefined],
    ["(never closed; spf=pass", undefined],
    ['"never closed; spf=pass', undefined],
    ["a", { authServId: "a", results: [] }],
    ["a;;; ;", { authServId: "a", results: [] }],
    ["a; none; spf=pass", { authServId: "a", results: [result("spf", "pass")] }],
    ["a; =pass; spf=; spf; SPF=PASS", { authServId: "a", results: [result("spf", "pass")] }],
    [
      "a; spf=pass smtp.=x; dkim=fail",
      { authServId: "a", results: [result("spf", "pass"), result("dkim", "fail")] },
    ],
    ["a; x=y (;) p.q=(;)z", { authServId: "a", results: [result("x", "y", ["p", "q", "z"])] }],
    ['a; x=y p.q="; spf=pass"', { authServId: "a", results: [result("x", "y", ["p", "q", "; spf=pass"])] }],
    ["a; x=y p.q=a/b=", { authServId: "a", results: [result("x", "y", ["p", "q", "a/b="])] }],
    ["a; x=y \\ spf=pass", { authServId: "a", results: [result("x", "y")] }],
    [`a; ${"(".repeat(20_000)}`, { authServId: "a", results: [] }],
    ["x".repeat(40_000), undefined],
  ];
  for (const [text, want] of table)
    assert.deepEqual(parseAuthenticationResults(text), want, text.slice(0, 60));
  assert.equal(parseAuthenticationResults(`a${"; x=y".repeat(500)}`)?.results.length, 100);
});

test("ARC-Authentication-Results carry an instance (RFC 8617 §4.1.1)", () => {
  const table: [string, number | undefined][] = [
    ["i=1; lists.example.org; spf=pass smtp.mfrom=jqd@d1.example", 1],
    [" (c) I (c) = (c) 50 (c) ; a; none", 50],
    ["i=0; a; none", undefined],
    ["i=51; a; none", undefined],
    ["i=; a; none", undefined],
    ["lists.example.org; none", undefined],
    ["i=1 a; none", undefined],
  ];
  for (const [text, want] of table) assert.equal(parseArcAuthenticationResults(text)?.instance, want, text);
});

test("forged fields go, those of others stay octet for octet (RFC 8601 §5, C-23)", () => {
  const claimed = [
    "Authentication-Results: mx.example.org; spf=pass\r\n",
    "authentication-results : MX.Example.ORG 1;\r\n\tspf=pass\r\n",
    "Authentication-Results:\r\n (hello) mx.example.org(x); dkim=pass\r\n",
    'Authentication-Results: "mx.example.org"; dkim=pass\r\n',
    'Authentication-Results: "mx\\.example.org"; dkim=pass\r\n',
    "Authentication-Results: mx.example.org.; dkim=pass\r\n",
    "Authentication-Results: mx.example.org dkim=pass\r\n",
    "Authentication-Results: mx.example.org/1; dkim=pass\r\n",
    "Authentication-Results: mx.example.org\r\n",
    "Authentication-Results: (never closed mx.example.org; dkim=pass\r\n",
    'Authentication-Results: "mx.example.org; dkim=pass\r\n',
    "Authentication-Results: ; mx.example.org; dkim=pass\r\n",
    "Authentication-Results: mx.\xef\xbd\x85xample.org; dkim=pass\r\n",
  ];
  const foreign = [
    "Authentication-Results: mx.example.net; spf=pass\r\n",
    "Authentication-Results: sub.mx.example.org; spf=pass\r\n",
    "Authentication-Results: other.example; spf=pass (mx.example.org)\r\n",
    "Authentication-Results: \xff\xfe; spf=pass\r\n",
    "X-Authentication-Results: mx.example.org; spf=pass\r\n",
    "Subject: Authentication-Results: mx.example.org; spf=pass\r\n",
  ];
  const body = "\r\nAuthentication-Results: mx.example.org; spf=pass\r\n";
  const whole = (lines: readonly string[]): Buffer => Buffer.from(lines.join("") + body, "latin1");
  for (const field of claimed) {
    const [first = "", ...rest] = foreign;
    const cleaned = withoutForged(whole([field, first, field, ...rest, field]), ID);
    assert.deepEqual(cleaned, whole(foreign), field);
  }
  assert.deepEqual(withoutForged(Buffer.from("A: b\r\n\r\n"), ID), Buffer.from("A: b\r\n\r\n"));
});
