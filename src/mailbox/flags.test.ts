import assert from "node:assert/strict";
import { test } from "node:test";
import { hasOversizedKeyword, toFlagList, toStored } from "./flags.ts";

const lists: readonly { name: string; input: readonly string[]; want: readonly string[] }[] = [
  { name: "none", input: [], want: [] },
  {
    name: "all system flags",
    input: ["\\Draft", "\\Seen", "\\Deleted", "\\Flagged", "\\Answered"],
    want: ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"],
  },
  { name: "any case", input: ["\\sEEN"], want: ["\\Seen"] },
  { name: "keywords once, as first written", input: ["$Junk", "b", "$junk", "A"], want: ["$Junk", "A", "b"] },
  {
    name: "what cannot be stored is left out",
    input: ["\\Recent", "\\*", "\\Other", "\\Seen"],
    want: ["\\Seen"],
  },
];
for (const { name, input, want } of lists)
  test(name, () => assert.deepEqual(toFlagList(toStored(input)), want));

test("a keyword has at most 64 octets", () => {
  assert.equal(hasOversizedKeyword(["a".repeat(64), "\\Seen"]), false);
  assert.equal(hasOversizedKeyword(["ä".repeat(33)]), true);
});
