import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  formatLocalPart,
  formatPath,
  isHeloName,
  isHeloWord,
  parseAddressLiteral,
  parseCommand,
  parseMailbox,
  parsePath,
} from "./grammar.ts";

describe("parseCommand", () => {
  const cases = [
    { name: "verb alone", input: "quit", want: { verb: "QUIT", argument: "" } },
    { name: "argument", input: "mail FROM:<>", want: { verb: "MAIL", argument: "FROM:<>" } },
    { name: "spaces around", input: "Noop   a b  ", want: { verb: "NOOP", argument: "a b" } },
    { name: "nothing", input: "", want: { verb: "", argument: "" } },
    { name: "leading space is no verb", input: " QUIT", want: { verb: "", argument: "QUIT" } },
    { name: "no Unicode folding", input: "maıl x", want: { verb: "MAıL", argument: "x" } },
    { name: "a letter that ends like another", input: "ōAIL x", want: { verb: "ōAIL", argument: "x" } },
    { name: "four letters in any case", input: "rCpT x", want: { verb: "RCPT", argument: "x" } },
    { name: "more than four letters", input: "MAILS", want: { verb: "MAILS", argument: "" } },
    { name: "fewer than four letters", input: "MAI x", want: { verb: "MAI", argument: "x" } },
  ];
  for (const { name, input, want } of cases) test(name, () => assert.deepEqual(parseCommand(input), want));
});

describe("parsePath accepts", () => {
  const cases = [
    { input: "<>", local: null },
    { input: "<a@example.org>", local: "a", domain: "example.org", text: "a@example.org" },
    { input: "<Case.Kept@EXAMPLE.org>", local: "Case.Kept", domain: "example.org" },
    { input: "<a@example.org> SIZE=1", local: "a", domain: "example.org", rest: " SIZE=1" },
    { input: "<postMASTER>", local: "postMASTER", domain: "", text: "postMASTER" },
    { input: "<@x.example,@y.example:a@z.example>", local: "a", domain: "z.example", route: true },
    { input: '<"a b"@example.org>', local: "a b", domain: "example.org", text: '"a b"@example.org' },
    { input: '<"a>b"@example.org> X', local: "a>b", domain: "example.org", rest: " X" },
    {
      input: '<"a\\"b\\\\"@example.org>',
      local: 'a"b\\',
      domain: "example.org",
      text: '"a\\"b\\\\"@example.org',
    },
    { input: '<"plain"@example.org>', local: "plain", domain: "example.org", text: "plain@example.org" },
    { input: '<""@example.org>', local: "", domain: "example.org", text: '""@example.org' },
    { input: '<"a@b"@example.org>', local: "a@b", domain: "example.org" },
    { input: "<a@[192.0.2.1]>", local: "a", domain: "[192.0.2.1]" },
    { input: "<a@[ipv6:2001:DB8:0::1]>", local: "a", domain: "[IPv6:2001:db8::1]" },
    { input: "<ü@example.org>", local: "ü", domain: "example.org", utf8: true },
    { input: "<a@müller.example>", local: "a", domain: "xn--mller-kva.example", utf8: true },
    { input: "<!#$%&'*+-/=?^_`{|}~@example.org>", local: "!#$%&'*+-/=?^_`{|}~", domain: "example.org" },
  ];
  for (const { input, local, domain, text, rest = "", route = false, utf8 = false } of cases) {
    test(input, () => {
      const parsed = parsePath(input);
      assert.ok(parsed.ok);
      const { path } = parsed.value;
      assert.equal(parsed.value.rest, rest);
      assert.equal(path.hadRoute, route);
      assert.equal(path.needsSmtpUtf8, utf8);
      assert.equal(path.address?.localPart ?? null, local);
      if (domain !== undefined) assert.equal(path.address?.domain, domain);
      if (text !== undefined) assert.equal(path.address?.text, text);
    });
  }
});

describe("parsePath refuses", () => {
  const cases = [
    { input: "", want: "syntax" },
    { input: "a@example.org", want: "syntax" },
    { input: "<a@example.org", want: "syntax" },
    { input: '<"a@example.org>', want: "syntax" },
    { input: "<a>", want: "local-part" },
    { input: "<@example.org>", want: "domain" },
    { input: "<@x.example:>", want: "local-part" },
    { input: "<x.example:a@b.example>", want: "local-part" },
    { input: "<@x example:a@b.example>", want: "domain" },
    { input: "<a@b@c.example>", want: "domain" },
    { input: "<a..b@example.org>", want: "local-part" },
    { input: "<.a@example.org>", want: "local-part" },
    { input: "<a.@example.org>", want: "local-part" },
    { input: "<a b@example.org>", want: "local-part" },
    { input: '<a"b"@example.org>', want: "local-part" },
    { input: '<"a"b@example.org>', want: "local-part" },
    { input: "<a(comment)@example.org>", want: "local-part" },
    { input: "<a@>", want: "domain" },
    { input: "<a@example.org.>", want: "domain" },
    { input: "<a@exa mple.org>", want: "domain" },
    { input: "<a@-example.org>", want: "domain" },
    { input: "<a@example..org>", want: "domain" },
    { input: "<a@127.0.0.1>", want: "domain" },
    { input: "<a@[127.0.0.1>", want: "domain" },
    { input: "<a@[127.0.0.256]>", want: "domain" },
    { input: "<a@[::1]>", want: "domain" },
    { input: "<a@[IPv6:127.0.0.1]>", want: "domain" },
    { input: "<a@[IPv6:fe80::1%eth0]>", want: "domain" },
    { input: "<a@[tag:content]>", want: "domain" },
    { input: `<${"a".repeat(255)}@example.org>`, want: "too-long" },
    { input: `<${"a".repeat(2000)}@example.org>`, want: "too-long" },
  ];
  for (const { input, want } of cases) {
    test(input.slice(0, 40), () => {
      const parsed = parsePath(input);
      assert.equal(parsed.ok ? JSON.stringify(parsed.value) : parsed.error, want);
    });
  }
});

test("a quoted address never routes to what its quotes hold (GHSA-mm7p-fcc7-pg87)", () => {
  const parsed = parseMailbox('"xclow3n@gmail.com x"@wachpost.test');
  assert.ok(parsed.ok);
  assert.equal(parsed.value.domain, "wachpost.test");
  assert.equal(parsed.value.localPart, "xclow3n@gmail.com x");
});

test("formatPath and formatLocalPart", () => {
  assert.equal(formatPath(null), "<>");
  const parsed = parseMailbox("A.b@Example.ORG");
  assert.ok(parsed.ok);
  assert.equal(formatPath(parsed.value), "<A.b@example.org>");
  assert.equal(formatLocalPart("a..b"), '"a..b"');
  assert.equal(formatLocalPart('"'), '"\\""');
  assert.equal(formatLocalPart("a.b"), "a.b");
});

describe("helo names", () => {
  const cases = [
    { input: "mx.example.org", name: true, word: true },
    { input: "foo_bar", name: true, word: true },
    { input: "localhost", name: true, word: true },
    { input: "[192.0.2.1]", name: true, word: true },
    { input: "[IPv6:::1]", name: true, word: true },
    { input: "192.0.2.1", name: true, word: true },
    { input: "2001:db8::1", name: true, word: true },
    { input: "Büro", name: false, word: true },
    { input: "foo_bar..", name: false, word: true },
    { input: "[192.0.2.256]", name: false, word: true },
    { input: "two words", name: false, word: false },
    { input: "<script>", name: false, word: false },
    { input: "a(b", name: false, word: false },
    { input: "", name: false, word: false },
    { input: "a".repeat(256), name: false, word: false },
    { input: "a\u0085b", name: false, word: false },
  ];
  for (const { input, name, word } of cases) {
    test(JSON.stringify(input).slice(0, 40), () => {
      assert.equal(isHeloName(input), name);
      assert.equal(isHeloWord(input), word);
    });
  }
});

test("an address literal has one spelling", () => {
  assert.equal(parseAddressLiteral("[IPv6:::ffff:192.0.2.1]"), "[192.0.2.1]");
  assert.equal(parseAddressLiteral("[IPV6:0:0:0:0:0:0:0:1]"), "[IPv6:::1]");
  assert.equal(parseAddressLiteral("192.0.2.1"), undefined);
});
