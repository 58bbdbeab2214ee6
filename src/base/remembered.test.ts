import assert from "node:assert/strict";
import { test } from "node:test";
import { remembered } from "./remembered.ts";

test("what is asked for again is not made again; what is not asked for goes", () => {
  const made: string[] = [];
  const lengthOf = remembered(2, (text) => {
    made.push(text);
    return { length: text.length };
  });
  assert.equal(lengthOf("a"), lengthOf("a"));
  assert.deepEqual(made, ["a"]);
  // "a" is asked for in each generation and stays; the others do not come back.
  for (const text of ["b", "a", "c", "a", "d", "a", "e", "a"]) assert.equal(lengthOf(text).length, 1);
  assert.deepEqual(made, ["a", "b", "c", "d", "e"]);
  lengthOf("b");
  assert.deepEqual(made.at(-1), "b");
});
