import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, type IpAddress } from "../../base/ip.ts";
import { ALL_LETTERS, expandDomain, expandMacros, parseMacroString, type MacroFacts } from "./macro.ts";

const facts: MacroFacts = {
  client: parseIp("192.0.2.3") as IpAddress,
  localPart: "strong-bad",
  senderDomain: "email.example.com",
  domain: "email.example.com",
  heloName: "mail.example.com",
  receiver: "mx.example.org",
  now_ms: 1_700_000_000_999,
  validatedName: "mx.example.org",
};
const ipv6: MacroFacts = { ...facts, client: parseIp("2001:db8::cb01") as IpAddress };

function expand(text: string, given: MacroFacts = facts): string | undefined {
  const parsed = parseMacroString(text, ALL_LETTERS);
  return parsed && expandMacros(parsed, given);
}

test("the examples of RFC 7208 §7.4", () => {
  const table: [string, string][] = [
    ["%{s}", "strong-bad@email.example.com"],
    ["%{o}", "email.example.com"],
    ["%{d}", "email.example.com"],
    ["%{d4}", "email.example.com"],
    ["%{d3}", "email.example.com"],
    ["%{d2}", "example.com"],
    ["%{d1}", "com"],
    ["%{dr}", "com.example.email"],
    ["%{d2r}", "example.email"],
    ["%{l}", "strong-bad"],
    ["%{l-}", "strong.bad"],
    ["%{lr}", "strong-bad"],
    ["%{lr-}", "bad.strong"],
    ["%{l1r-}", "strong"],
    ["%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"],
    ["%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"],
    ["%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"],
    ["%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"],
    ["%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"],
  ];
  for (const [text, want] of table) assert.equal(expand(text), want, text);
  assert.equal(
    expand("%{ir}.%{v}._spf.%{d2}", ipv6)?.toLowerCase(),
    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com",
  );
});

test("letters, escapes and transformers", () => {
  const table: [string, string | undefined][] = [
    ["%%%_%-", "% %20"],
    ["%{c} %{r}".replace(" ", "%_"), "192.0.2.3 mx.example.org"],
    ["%{t}", "1700000000"],
    ["%{p}", "mx.example.org"],
    ["%{H}", "mail.example.com"],
    ["%{S}", "strong-bad%40email.example.com"],
    ["%{d9999}", "email.example.com"],
    ["%{d00}", undefined],
    ["%{d99999}", undefined],
    ["%{dr2}", undefined],
    ["%{}", undefined],
    ["%", undefined],
    ["%x", undefined],
    ["é", undefined],
  ];
  for (const [text, want] of table) assert.equal(expand(text), want, text);
  assert.equal(expand("%{L}", { ...facts, localPart: "a!'()*~é\ud800" }), "a%21%27%28%29%2A~%C3%A9%EF%BF%BD");
});

test("a long domain loses labels from the left", () => {
  const domain = parseMacroString("%{l}.%{d}.%{d}.%{d}", ALL_LETTERS) ?? [];
  const long = `${"a".repeat(60)}.example.com`;
  const name = expandDomain(domain, { ...facts, localPart: "b".repeat(60), domain: long });
  assert.equal(name, `${long}.${long}.${long}`);
  assert.equal(expandDomain(["example.com."], facts), "example.com");
});
