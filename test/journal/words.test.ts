import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonsWithWords, wordsOf } from "../../src/journal/words/catalogue.ts";
import { fill, shown } from "../../src/journal/words/fill.ts";
import { LANGUAGES, type Words } from "../../src/journal/words/language.ts";
import { allSentences } from "../../src/journal/words/sentences.ts";
import { allLiterals, reasonConstants, reasonsIn } from "./reason-constants.ts";

const REMOTE = ["connect", "timeout", "closed", "greeting", "protocol", "tls", "login", "unsupported"];
/** What `greylist_suspicious` finds suspicious. */
const SUSPICIONS = ["nameless", "generic-name", "listed"];
const TAGS = ["hold", "prepend", "redirect", "bcc", "filter", "warn"];
/** What templates among the constants can become. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  "greylisted-${why}": SUSPICIONS.map((why) => `greylisted-${why}`),
  "remote-${kind}": REMOTE.map((kind) => `remote-${kind}`),
  "table-${action.tag}": TAGS.map((tag) => `table-${tag}`),
};
/** Same word, no reason: results of weak password rules and of mechanisms, which nobody finds in a journal. */
const ROOMS = ["smtp", "mta", "queue", "policy"];

test("every reason constant of the house has words", () => {
  const constants = reasonConstants(ROOMS).flatMap(({ file, reason }) =>
    (TEMPLATES[reason] ?? [reason]).map((one) => ({ file, reason: one })),
  );
  assert.ok(constants.length > 100, `the scan found only ${constants.length}`);
  const without = constants.filter(({ reason }) => wordsOf(reason) === undefined);
  assert.deepEqual([...new Set(without.map(({ file, reason }) => `${reason} (${file})`))], []);
});

test("there are no words for a reason that nothing gives", () => {
  const made = new Set(Object.values(TEMPLATES).flat());
  const literals = allLiterals();
  assert.deepEqual(
    reasonsWithWords().filter((reason) => !made.has(reason) && !literals.has(reason)),
    [],
  );
});

test("the scan sees constants where they are written", () => {
  for (const { source, want } of [
    {
      source: 'reply(550, "5.1.1", `<${a(")")}>: no such user, "here"`, "unknown-recipient")',
      want: ["unknown-recipient"],
    },
    {
      source:
        'const reason = x === "tempfail" ? "one-thing" : "other-thing";\nrefuse(450, "4.7.1", text, reason, {})',
      want: ["one-thing", "other-thing"],
    },
    {
      source: 'dunno(evidence, answer.kind === "error" ? "list-error" : "not-listed")',
      want: ["list-error", "not-listed"],
    },
    { source: "reply(451, `4.${a}`, text, `remote-${kind}`)", want: ["remote-${kind}"] },
    {
      source: "function refuse(code: number, enhanced: string, text: string, reason: string): Verdict {}",
      want: [],
    },
    { source: 'return { kind: "tag", reason: "sleep", evidence: { seconds } };', want: ["sleep"] },
  ]) {
    assert.deepEqual(reasonsIn(source), want);
  }
});

const everything = (): readonly (readonly [string, Words])[] => [
  ...Object.entries(allSentences()),
  ...reasonsWithWords().flatMap((reason) => {
    const words = wordsOf(reason);
    if (words === undefined) return [];
    return [
      [reason, words.why] as const,
      ...(words.help === undefined ? [] : [[reason, words.help] as const]),
    ];
  }),
];

test("both languages say as much, with the same values", () => {
  const names = (text: string): string[] =>
    [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
  for (const [name, { en, de }] of everything()) {
    assert.deepEqual(names(en), names(de), name);
    assert.equal(en.split("[[").length, de.split("[[").length, name);
    assert.notEqual(en, de, name);
  }
});

test("German is German, and polite", () => {
  for (const [name, { de }] of everything()) {
    assert.doesNotMatch(
      de,
      /\b(the|is|mail server|du|dein|dich|dir|E-?Mails?|rejected|geblockt|Mailing|Queue)\b/,
      name,
    );
    assert.doesNotMatch(de, /ss(?=en Sie)|ae|oe(?!r)/, name);
  }
});

test("every sentence is one: it begins with a capital or a value and ends with a stop", () => {
  for (const [name, words] of everything()) {
    for (const language of LANGUAGES) {
      const text = words[language].replaceAll(/\[\[|\]\]/g, "");
      assert.match(text, /^(\{|\p{Lu}|`)/u, `${name}: ${text}`);
      assert.match(text, /[.:]$/, `${name}: ${text}`);
    }
  }
});

test("values that are not known leave no hole", () => {
  const words = wordsOf("listed")?.why;
  assert.ok(words);
  assert.equal(
    fill(words, "en", { zone: "zen.spamhaus.org" }),
    "The list zen.spamhaus.org names (not recorded).",
  );
});

test("text from outside is made printable, short and quoted (D-40)", () => {
  for (const { name, input, want } of [
    { name: "one plain word", input: "mail.example.net", want: "mail.example.net" },
    { name: "ANSI escape", input: "\u001b[2Jgone", want: "“\\u001b[2Jgone”" },
    { name: "C1 control sequence introducer", input: "\u009b31m", want: "“\\u009b31m”" },
    { name: "line end", input: "a\r\nDelivered.", want: "“a\\u000d\\u000aDelivered.”" },
    { name: "turned text", input: "\u202egro.elpmaxe", want: "“\\u202egro.elpmaxe”" },
    { name: "hidden letters", input: "a\u{e0041}\u200bb", want: "“a\\ue0041\\u200bb”" },
    { name: "half a pair", input: "\ud800", want: "“\ufffd”" },
    {
      name: "a quotation mark that would end the quotation",
      input: 'x”. It was "accepted',
      want: "“x'. It was 'accepted”",
    },
    { name: "a placeholder", input: "{sender}", want: "“{sender}”" },
  ]) {
    assert.equal(shown(input, "en"), want, name);
  }
  assert.ok(shown("x".repeat(1_000_000), "de").length < 300);
});
