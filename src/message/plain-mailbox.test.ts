import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddressList } from "./address.ts";
import { plainMailbox } from "./plain-mailbox.ts";

const cases: readonly { readonly text: string; readonly want: ReturnType<typeof plainMailbox> }[] = [
  { text: "anna@example.org", want: { kind: "mailbox", localPart: "anna", domain: "example.org" } },
  { text: "<a.b@c>", want: { kind: "mailbox", localPart: "a.b", domain: "c" } },
  { text: "A B <a@c.d>", want: { kind: "mailbox", name: "A B", localPart: "a", domain: "c.d" } },
  ...[
    "",
    "<>",
    "a",
    "@b",
    "a@",
    "a@b@c",
    "<a@b",
    "a@b>",
    "A<a@b>",
    "AB<a@b>",
    "A  B <a@b>",
    " A <a@b>",
    '"A" <a@b>',
  ].map((text) => ({ text, want: undefined })),
  ...["a..b@c", ".a@c", "a.@c", "a@[192.0.2.1]", "a@b, c@d", "a@b (c)", "g: a@b;", "<@r:a@b>", "a @b"].map(
    (text) => ({ text, want: undefined }),
  ),
  { text: `${"a".repeat(300)}@b`, want: undefined },
];

for (const { text, want } of cases)
  test(`plain mailbox: ${text.slice(0, 40)}`, () => assert.deepEqual(plainMailbox(text), want));

test("what is plain the parser of lists reads alike", () => {
  const pieces = ["a", "bc", " ", "<", ">", "@", "@", ".", ",", '"', "(", ":", "=?x?=", "ü"];
  let plain = 0;
  let seed = 7;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let i = 0; i < 60_000; i++) {
    const text = Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)] ?? "").join("");
    const one = plainMailbox(text);
    if (one === undefined) continue;
    plain++;
    // With a comma behind it the text is no plain mailbox, and its only address is the same.
    assert.deepEqual(parseAddressList(`${text},`), { addresses: [one], defects: [] }, text);
  }
  assert.ok(plain > 150, `${plain} were plain`);
});
