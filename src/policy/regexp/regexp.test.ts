import assert from "node:assert/strict";
import { test } from "node:test";
import { POLICY_LIMITS } from "../limits.ts";
import { compilePattern } from "./program.ts";
import { matchPattern } from "./run.ts";

const run = (pattern: string, text: string, ignoreCase = false): ReturnType<typeof matchPattern> => {
  const compiled = compilePattern(pattern, { ignoreCase });
  assert.ok(compiled.ok, `${pattern}: ${compiled.ok ? "" : compiled.error.message}`);
  return matchPattern(compiled.value, text);
};

// [pattern, text, whole match and groups; undefined: no match]
const MATCHES: readonly (readonly [string, string, readonly (string | undefined)[] | undefined])[] = [
  ["abc", "xabcx", ["abc"]],
  ["^abc$", "xabc", undefined],
  ["a|ab", "ab", ["a"]],
  ["(a|ab)(c|bcd)", "abcd", ["abcd", "a", "bcd"]],
  ["a*", "baaa", [""]],
  ["a+", "baaa", ["aaa"]],
  ["a+?", "aaa", ["a"]],
  ["a{2}", "aaa", ["aa"]],
  ["a{2,}", "aaaa", ["aaaa"]],
  ["a{0,2}b", "aaab", ["aab"]],
  ["x{,3}", "x{,3}", ["x{,3}"]],
  ["(a)|b", "b", ["b", undefined]],
  ["(?:a(b))+", "abab", ["abab", "b"]],
  ["[^a-c]", "abcd", ["d"]],
  ["[]a]+", "a]a", ["a]a"]],
  ["[a\\]]+", "a]", ["a]"]],
  ["[[:digit:]-]+", "x1-2", ["1-2"]],
  ["[a-]", "-", ["-"]],
  ["\\d+\\.\\w", "1.a", ["1.a"]],
  ["\\bmail\\b", "a-mail.x", ["mail"]],
  ["\\Bail", "mail", ["ail"]],
  [".", "\n", ["\n"]],
  ["()", "", ["", ""]],
  ["(a*)*", "aaa", ["aaa", "aaa"]],
  ["(a*)+$", "aaab", ["", ""]],
  ["", "x", [""]],
  ["^(dyn|dial)[0-9-]+\\.", "dial-17.example.com", ["dial-17.", "dial"]],
];

for (const [pattern, text, want] of MATCHES) {
  test(`/${pattern}/ over ${JSON.stringify(text)}`, () => {
    assert.deepEqual(run(pattern, text), want);
  });
}

test("case is ignored where the flag says so, in sets and their complements too", () => {
  assert.ok(run("^[a-c]X$", "Bx", true));
  assert.equal(run("^[^a]$", "A", true), undefined);
  assert.equal(run("^b$", "B", false), undefined);
});

const REFUSED: readonly (readonly [string, RegExp, number])[] = [
  ["(a)\\1", /back-reference/, 3],
  ["a(?=b)", /look-around/, 1],
  ["(?<name>a)", /look-around, named/, 0],
  ["(?>a)", /atomic/, 0],
  ["(?i)a", /inline options/, 0],
  ["a++", /possessive/, 2],
  ["a(b", /not closed/, 1],
  ["a)b", /without an opening/, 1],
  ["[a", /bracket/, 0],
  ["[z-a]", /backwards/, 4],
  ["[[:name:]]", /not a class/, 1],
  ["*a", /nothing to repeat/, 0],
  ["^*", /nothing to repeat/, 0],
  ["a{3,2}", /minimum/, 1],
  ["a{999}", /at most/, 1],
  ["a\\", /backslash/, 1],
  ["\\p{L}", /not known/, 0],
  ["(".repeat(60) + ")".repeat(60), /deep/, 50],
  ["a***", /repeats of repeats/, 3],
  ["((a{255}){255}){255}", /unrolls/, 0],
  ["a".repeat(POLICY_LIMITS.patternTextMax + 1), /characters/, 0],
];

for (const [pattern, message, column] of REFUSED) {
  test(`/${pattern.slice(0, 30)}/ is refused with its place`, () => {
    const compiled = compilePattern(pattern, { ignoreCase: false });
    assert.ok(!compiled.ok);
    assert.match(compiled.error.message, message);
    assert.equal(compiled.error.column, column);
  });
}

// Each of these takes a backtracking matcher longer than the age of the world.
const EXPLODING = ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"];

for (const pattern of EXPLODING) {
  test(`/${pattern}/ ends on a long text`, () => {
    const text = `${"a".repeat(POLICY_LIMITS.patternSubjectMax - 1)}!`;
    assert.equal(run(pattern, text), undefined);
    assert.equal(run(pattern, `${"x".repeat(POLICY_LIMITS.patternSubjectMax - 1)}!`), undefined);
  });
}
