import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDate, parseDate } from "./date.ts";

const dates: readonly { name: string; input: string; want: string | undefined; zone?: number }[] = [
  {
    name: "RFC 5322 A.1.1",
    input: "Fri, 21 Nov 1997 09:55:06 -0600",
    want: "1997-11-21T15:55:06.000Z",
    zone: -360,
  },
  {
    name: "RFC 5322 A.1.2",
    input: "Tue, 1 Jul 2003 10:52:37 +0200",
    want: "2003-07-01T08:52:37.000Z",
    zone: 120,
  },
  {
    name: "RFC 5322 A.1.3",
    input: "Thu, 13 Feb 1969 23:32:54 -0330",
    want: "1969-02-14T03:02:54.000Z",
    zone: -210,
  },
  {
    name: "RFC 5322 A.5",
    input: "Thu,      13        Feb          1969      23:32               -0330 (Newfoundland Time)",
    want: "1969-02-14T03:02:00.000Z",
    zone: -210,
  },
  { name: "RFC 5322 A.6.2", input: "21 Nov 97 09:55:06 GMT", want: "1997-11-21T09:55:06.000Z", zone: 0 },
  {
    name: "RFC 5322 A.6.3",
    input: "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600",
    want: "1997-11-21T15:55:06.000Z",
    zone: -360,
  },
  {
    name: "RFC 5322 A.4 without day name",
    input: "21 Nov 1997 10:05:43 -0600",
    want: "1997-11-21T16:05:43.000Z",
    zone: -360,
  },
  { name: "EDT", input: "1 Jul 2003 10:00 EDT", want: "2003-07-01T14:00:00.000Z", zone: -240 },
  {
    name: "PST in lower case",
    input: "1 jul 2003 10:00:00 pst",
    want: "2003-07-01T18:00:00.000Z",
    zone: -480,
  },
  {
    name: "military zone counts as UTC",
    input: "1 Jul 2003 10:00:00 K",
    want: "2003-07-01T10:00:00.000Z",
    zone: 0,
  },
  {
    name: "unknown zone counts as UTC",
    input: "1 Jul 2003 10:00:00 CEST",
    want: "2003-07-01T10:00:00.000Z",
    zone: 0,
  },
  { name: "no zone", input: "1 Jul 2003 10:00:00", want: "2003-07-01T10:00:00.000Z", zone: 0 },
  { name: "year 49", input: "1 Jan 49 00:00:00 +0000", want: "2049-01-01T00:00:00.000Z" },
  { name: "year 50", input: "1 Jan 50 00:00:00 +0000", want: "1950-01-01T00:00:00.000Z" },
  { name: "year 103", input: "1 Jan 103 00:00:00 +0000", want: "2003-01-01T00:00:00.000Z" },
  { name: "leap second", input: "31 Dec 2016 23:59:60 +0000", want: "2017-01-01T00:00:00.000Z" },
  { name: "29 February", input: "29 Feb 2024 00:00:00 +0000", want: "2024-02-29T00:00:00.000Z" },
  { name: "29 February of a common year", input: "29 Feb 2023 00:00:00 +0000", want: undefined },
  { name: "hour 24", input: "1 Jan 2023 24:00:00 +0000", want: undefined },
  { name: "minute 60", input: "1 Jan 2023 10:60:00 +0000", want: undefined },
  { name: "zone minutes 99", input: "1 Jan 2023 10:00:00 +0099", want: undefined },
  { name: "no such month", input: "1 Foo 2023 10:00:00 +0000", want: undefined },
  { name: "year before mail", input: "1 Jan 1899 10:00:00 +0000", want: undefined },
  { name: "empty", input: "", want: undefined },
  { name: "words", input: "yesterday at noon", want: undefined },
  { name: "a great many brackets", input: "(".repeat(100_000), want: undefined },
];

for (const { name, input, want, zone } of dates) {
  test(`date: ${name}`, () => {
    const parsed = parseDate(input);
    assert.equal(parsed && new Date(parsed.epoch_ms).toISOString(), want);
    if (zone !== undefined) assert.equal(parsed?.zone_minutes, zone);
  });
}

test("format", () => {
  assert.equal(formatDate(Date.UTC(1997, 10, 21, 15, 55, 6), -360), "Fri, 21 Nov 1997 09:55:06 -0600");
  assert.equal(formatDate(Date.UTC(2003, 6, 1, 8, 52, 37)), "Tue, 1 Jul 2003 08:52:37 +0000");
  assert.equal(formatDate(Date.UTC(1969, 1, 14, 3, 2, 54), -210), "Thu, 13 Feb 1969 23:32:54 -0330");
});
