import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { MemoryLog } from "../base/log.ts";
import { BULK_PER_DAY, BulkWatch, hasOneClick } from "./bulk-watch.ts";

const HOUR_MS = 3_600_000;
const LETTER = Buffer.from("From: Anna <anna@example.org>\r\nSubject: hi\r\n\r\nhi\r\n");
const POST = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
const CIRCULAR = Buffer.from(
  `From: news@example.org\r\nList-Unsubscribe: <mailto:x@example.org>,\r\n <https://example.org/u?1>\r\n${POST}\r\nhi\r\n`,
);

for (const { name, header, want } of [
  {
    name: "an https address and the post field",
    header: `List-Unsubscribe: <https://a.test/1>\r\n${POST}`,
    want: true,
  },
  { name: "mailto alone", header: `List-Unsubscribe: <mailto:a@a.test>\r\n${POST}`, want: false },
  { name: "no post field", header: "List-Unsubscribe: <https://a.test/1>\r\n", want: false },
  { name: "http", header: `List-Unsubscribe: <http://a.test/1>\r\n${POST}`, want: false },
])
  test(`one click: ${name}`, () => assert.equal(hasOneClick(Buffer.from(`${header}\r\n`)), want));

function world() {
  const clock = new ManualClock();
  const log = new MemoryLog();
  return { clock, log, watch: new BulkWatch({ clock, log }) };
}
const many = (count: number, domain: string): readonly string[] =>
  Array.from({ length: count }, (_, i) => `r${i}@${domain}`);

test("told once a day, when a provider gets as much within 24 hours", () => {
  const { clock, log, watch } = world();
  watch.count(LETTER, many(BULK_PER_DAY - 1, "gmail.com"));
  watch.count(LETTER, [...many(BULK_PER_DAY - 1, "hotmail.com"), ...many(9000, "elsewhere.test")]);
  assert.equal(log.events.length, 0);
  watch.count(LETTER, many(3, "googlemail.com"));
  assert.equal(log.events.length, 1);
  assert.partialDeepStrictEqual(log.events[0]?.fields, {
    domain: "example.org",
    provider: "Gmail",
    oneClick: false,
  });
  assert.match(String(log.events[0]?.fields["remedy"]), /RFC 8058/);
  const known = { domain: "example.org", provider: "Gmail", in24h: BULK_PER_DAY + 2, oneClick: false };
  assert.deepEqual(watch.bulkSenders(), [known]);
  clock.advance(25 * HOUR_MS);
  assert.deepEqual(watch.bulkSenders(), []);
  watch.count(CIRCULAR, many(BULK_PER_DAY - 1, "gmail.com"));
  assert.equal(log.events.length, 1, "what was sent yesterday does not count");
  watch.count(CIRCULAR, many(1, "gmail.com"));
  assert.partialDeepStrictEqual(log.events[1]?.fields, { in24h: BULK_PER_DAY, oneClick: true });
});

test("mail without a readable author is nobody's", () => {
  const { log, watch } = world();
  watch.count(Buffer.from("Subject: x\r\n\r\n"), many(9000, "gmail.com"));
  assert.equal(log.events.length, 0);
});
