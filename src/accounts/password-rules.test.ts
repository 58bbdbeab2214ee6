import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { commonPasswords, type CommonPasswords } from "./common-passwords.ts";
import { checkPassword } from "./password-rules.ts";

const PERSONAL = ["anna.berg@example.org", "Anna Bergström"];
let common: CommonPasswords;
before(async () => {
  common = await commonPasswords();
});

const outcome = (password: string): string => {
  const checked = checkPassword(password, PERSONAL, common);
  return checked.ok ? "good" : checked.error.reason;
};

const table = [
  { name: "14 characters (F-01)", input: "k7#pQ2vX9zLm4w", want: "too-short" },
  { name: "15 characters", input: "k7#pQ2vX9zLm4wT", want: "good" },
  { name: "15 letters of one kind: no rule of composition (F-02)", input: "vhqwmzkxjtpbrgy", want: "good" },
  { name: "F-02's own passphrase", input: "aaaa bbbb cccc dddd", want: "good" },
  { name: "four words", input: "correct horse battery staple", want: "good" },
  { name: "German words", input: "zwölf boxkämpfer jagen viktor", want: "good" },
  { name: "15 code points outside the BMP", input: "🦆🐴🔋📎🎻🌋🧊🚲🥨🪁🧵🪢🦑🛶🪴", want: "good" },
  { name: "14 code points in 28 UTF-16 units", input: "🦆🐴🔋📎🎻🌋🧊🚲🥨🪁🧵🪢🦑🛶", want: "too-short" },
  { name: "Japanese", input: "さくらのしたでよむほんはながい", want: "good" },
  { name: "256 characters", input: createHash("sha512").update("a").digest("hex").repeat(2), want: "good" },
  { name: "256 characters of four", input: "ab12".repeat(64), want: "too-common" },
  { name: "257 characters", input: "x".repeat(257), want: "too-long" },
  { name: "a control character", input: "correct horse\u0007battery", want: "not-text" },
  { name: "in the list as it is", input: "zxcvbnm123456789", want: "too-common" },
  { name: "in the list, capitals", input: "ZXCVBNM123456789", want: "too-common" },
  { name: "in the list, fullwidth letters", input: "ｚｘｃｖｂｎｍ１２３４５６７８９", want: "too-common" },
  { name: "password and digits", input: "password1234567", want: "too-common" },
  { name: "look-alike letters, twice", input: "P@ssw0rdP@ssw0rd", want: "too-common" },
  { name: "two common passwords", input: "sunshinefootball", want: "too-common" },
  { name: "word, year and marks, twice", input: "Summer2024!Summer2024!", want: "too-common" },
  { name: "one character", input: "zzzzzzzzzzzzzzz", want: "too-common" },
  { name: "the alphabet", input: "abcdefghijklmnopqr", want: "too-common" },
  { name: "digits downwards", input: "987654321098765432", want: "too-common" },
  { name: "a walk over an English keyboard", input: "asdfghjkl;'asdfgh", want: "too-common" },
  { name: "a walk over a German keyboard", input: "qwertzuiopüasdfghjklöä", want: "too-common" },
  { name: "a walk with shift", input: "!@#$%^&*()_+!@#$", want: "too-common" },
  { name: "a common password backwards", input: "drowssap drowssap", want: "too-common" },
  { name: "two dates", input: "24121987 31.10.1989", want: "too-common" },
  { name: "the login name", input: "anna.berg@example.org", want: "personal" },
  { name: "name, domain and year", input: "AnnaExample2026!", want: "personal" },
  { name: "the name in full", input: "annabergström1984", want: "personal" },
  { name: "ours", input: "wachpost-wachpost", want: "personal" },
  { name: "a name among other words", input: "anna cooks violet turbines", want: "good" },
];
for (const { name, input, want } of table) test(name, () => assert.equal(outcome(input), want));

test("what is hashed is NFC with plain spaces (F-02)", () => {
  const checked = checkPassword("gru\u0308ne\u00a0regenschirme lachen", [], common);
  assert.deepEqual(checked, { ok: true, value: "grüne regenschirme lachen" });
});

test("the list holds what it says (F-03)", () => {
  assert.equal(common.size, 109_656);
  assert.equal(common.get("123456"), 1);
  for (const word of common.keys()) {
    assert.ok(word === word.normalize("NFKC").toLowerCase() && !/[\u0000-\u001f]/.test(word), word);
  }
});

test("common passwords of fifteen characters and more are refused", () => {
  const long = [...common.keys()].filter((word) => Array.from(word).length >= 15);
  assert.ok(long.length > 9_500);
  const some = long.filter((_, i) => i % 11 === 0);
  for (const word of some) assert.equal(outcome(word), "too-common", word);
});

test("worst cases take milliseconds", () => {
  for (const piece of ["ab", "qwer1", "1", "a1!", "пароль", "aab"]) {
    const took_ms = processorTime_ms(() => outcome(piece.repeat(200).slice(0, 256)));
    assert.ok(took_ms < 1_000, piece);
  }
});
