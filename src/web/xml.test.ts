import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeXml, leafTexts } from "./xml.ts";

const OUTLOOK = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>a&amp;b@example.org</EMailAddress>
    <AcceptableResponseSchema>http://x/2006a</AcceptableResponseSchema>
  </Request>
</Autodiscover>`;

const cases: readonly { name: string; input: string; want: Readonly<Record<string, string>> | undefined }[] =
  [
    {
      name: "what Outlook sends",
      input: OUTLOOK,
      want: { emailaddress: "a&b@example.org", acceptableresponseschema: "http://x/2006a" },
    },
    {
      name: "with prefixes and attributes",
      input: '<a:R><a:Mail x="1"> b </a:Mail></a:R>',
      want: { mail: "b" },
    },
    { name: "the first counts", input: "<r><m>1</m><m>2</m></r>", want: { m: "1" } },
    { name: "a byte order mark", input: "\ufeff<m>1</m>", want: { m: "1" } },
    {
      name: "a DTD",
      input: '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><m>&e;</m>',
      want: undefined,
    },
    {
      name: "a DTD behind the declaration",
      input: '<?xml version="1.0"?><!DOCTYPE r><m>1</m>',
      want: undefined,
    },
    { name: "CDATA", input: "<m><![CDATA[1]]></m>", want: undefined },
    { name: "a comment", input: "<m>1</m><!-- -->", want: undefined },
    { name: "another instruction", input: "<?php ?><m>1</m>", want: undefined },
    { name: "entities stay as they are", input: "<m>&lol9;&#60;</m>", want: { m: "&lol9;&#60;" } },
    { name: "entities are read once", input: "<m>&amp;lt;</m>", want: { m: "&lt;" } },
    { name: "no end", input: "<m>1", want: {} },
    { name: "the wrong end", input: "<m>1</n>", want: {} },
    { name: "not XML", input: "m=1&<<<>>>", want: {} },
    { name: "too many elements", input: "<m>1</m>".repeat(51), want: undefined },
    { name: "nothing", input: "", want: {} },
  ];
for (const { name, input, want } of cases) {
  test(`leafTexts: ${name}`, () => {
    const found = leafTexts(input);
    assert.deepEqual(found && Object.fromEntries(found), want);
  });
}

test("escapeXml: no text becomes markup, and what XML cannot hold falls away", () => {
  assert.equal(escapeXml(`<a b="c" d='e'>&amp;`), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
  assert.equal(escapeXml("a\u0000b\u0008c\ufffed\ud800e\ttab 😀"), "abcde\ttab 😀");
});
