import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeWords } from "../message/encoded-word.ts";
import { unfold } from "../message/header-text.ts";
import { AlertBook, type AlertChange } from "./book.ts";
import { conditions, type AlertFacts, type Condition } from "./conditions.ts";
import { letter } from "./letter.ts";
import { webhookPost } from "./webhook.ts";
import { ALERTS } from "./words.ts";

const NOW_MS = Date.UTC(2026, 5, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const well: AlertFacts = {
  now_ms: NOW_MS,
  certificate: { notBefore_ms: NOW_MS - 10 * DAY_MS, notAfter_ms: NOW_MS + 80 * DAY_MS },
  freeDisk_percent: 50,
  queue: { messages: 3, oldest_ms: NOW_MS - HOUR_MS },
  deadLists: [],
};
const bounds = { disk_percent: 15, diskFull_percent: 5, queueAge_ms: 4 * HOUR_MS };
const ending = (days: number): Partial<AlertFacts> => ({
  certificate: { notBefore_ms: NOW_MS - (90 - days) * DAY_MS, notAfter_ms: NOW_MS + days * DAY_MS },
});

const dnssec = { code: "acme-dnssec", message: "", remedy: "", names: ["mx.a.test"] };

const cases: readonly { name: string; facts: Partial<AlertFacts>; want: readonly string[] }[] = [
  { name: "all is well", facts: {}, want: [] },
  {
    name: "one backup is late",
    facts: { backup: { last_ms: NOW_MS - 47 * HOUR_MS, every_ms: DAY_MS } },
    want: [],
  },
  {
    name: "two backups are missing",
    facts: { backup: { last_ms: NOW_MS - 49 * HOUR_MS, every_ms: DAY_MS } },
    want: ["backup"],
  },
  {
    name: "a backup that could not be restored on trial",
    facts: { backup: { last_ms: NOW_MS, every_ms: DAY_MS, drillFault: "the disk" } },
    want: ["drill"],
  },
  { name: "never a backup", facts: { backup: { last_ms: 0, every_ms: DAY_MS } }, want: ["backup"] },
  { name: "a certificate in its last weeks", facts: ending(15), want: ["certificate:soon"] },
  { name: "a certificate in its last day", facts: ending(1), want: ["certificate:critical !"] },
  { name: "a certificate that is over", facts: ending(-1), want: ["certificate:over !"] },
  { name: "exactly enough disk", facts: { freeDisk_percent: 15 }, want: [] },
  { name: "little disk", facts: { freeDisk_percent: 14.9 }, want: ["disk"] },
  { name: "no disk", facts: { freeDisk_percent: 4.9 }, want: ["disk:full !"] },
  {
    name: "a message that waits",
    facts: { queue: { messages: 1, oldest_ms: NOW_MS - 5 * HOUR_MS } },
    want: ["queue:old"],
  },
  { name: "an empty queue", facts: { queue: { messages: 0, oldest_ms: undefined } }, want: [] },
  {
    name: "a flood of mail",
    facts: { queue: { messages: 1001, oldest_ms: undefined } },
    want: ["queue:long !"],
  },
  {
    name: "dead lists",
    facts: { deadLists: ["a.test", "b.test"] },
    want: ["dns-list:a.test", "dns-list:b.test"],
  },
  {
    name: "records that do not know the key",
    facts: { tlsa: { mismatch: { owner: "_25._tcp.mx.a.test", digest: "ab" } } },
    want: ["tlsa:ab !"],
  },
  {
    name: "an update refused once",
    facts: { tlsa: { fault: { kind: "refused", detail: "a.test", failures: 1 } } },
    want: [],
  },
  {
    name: "an update refused again",
    facts: { tlsa: { fault: { kind: "refused", detail: "a.test", failures: 2 } } },
    want: ["tlsa-refused"],
  },
  {
    name: "an order that broken DNSSEC stops once",
    facts: { orders: { failures: 1, lastFailure: dnssec } },
    want: [],
  },
  {
    name: "an order that broken DNSSEC stops again",
    facts: { orders: { failures: 2, lastFailure: dnssec } },
    want: ["certificate-dnssec"],
  },
  {
    name: "an order that fails otherwise",
    facts: { orders: { failures: 9, lastFailure: { ...dnssec, code: "acme-caa" } } },
    want: [],
  },
  {
    name: "an IPv6 address without a name",
    facts: { unnamedIpv6: ["2a00::1"] },
    want: ["ipv6-name:2a00::1"],
  },
  {
    name: "a forward that circles",
    facts: { forwardCircles: [{ alias: "a@a.test", targets: ["b@b.test"] }] },
    want: ["circle:a@a.test"],
  },
  {
    name: "as many as nobody sets up by mistake",
    facts: {
      forwardCircles: Array.from({ length: 6 }, (_, i) => ({ alias: `a${i}@a.test`, targets: ["b@b.test"] })),
    },
    want: ["circles"],
  },
  {
    name: "a bulk sender",
    facts: { bulkSenders: [{ domain: "a.test", provider: "Gmail", in24h: 4001, oneClick: false }] },
    want: ["bulk:a.test:Gmail"],
  },
  {
    name: "a newer version",
    facts: { update: { version: "2.0.0", severity: "normal", text: { en: "New.", de: "Neu." } } },
    want: ["update:2.0.0:normal"],
  },
  {
    name: "a newer version that closes a hole that is used",
    facts: { update: { version: "2.0.0", severity: "critical", text: { en: "New.", de: "Neu." } } },
    want: ["update:2.0.0:critical !"],
  },
  {
    name: "a clock that jumped",
    facts: { clockDoubt: { believed_ms: 0, said_ms: NOW_MS, until_ms: NOW_MS + 7 * DAY_MS } },
    want: [`clock:${new Date(NOW_MS).toISOString().slice(0, 10)}`],
  },
];
for (const { name, facts, want } of cases) {
  test(`conditions: ${name}`, () => {
    const found = conditions({ ...well, ...facts }, bounds);
    assert.deepEqual(
      found.map(({ id, urgent }) => `${id}${urgent ? " !" : ""}`),
      want,
    );
  });
}

const disk: Condition = { id: "disk", kind: "disk", urgent: false, values: { percent: "3.0" } };
const list: Condition = {
  id: "dns-list:a.test",
  kind: "dns-list",
  urgent: false,
  values: { zone: "a.test" },
};
const told = (changes: readonly AlertChange[]): string =>
  changes.map(({ state, alert }) => `${state} ${alert.id}`).join();

test("the book: told once when it is certain, once when it is over, and never for a moment's trouble", () => {
  const book = new AlertBook();
  const looks: readonly [now: readonly Condition[], want: string][] = [
    [[disk], ""],
    [[], ""],
    [[disk], ""],
    [[disk], "raised disk"],
    [[disk], ""],
    [[disk, list], ""],
    [[disk, list], "raised dns-list:a.test"],
    [[list], ""],
    [[disk, list], ""],
    [[list], ""],
    [[list], "cleared disk"],
    [[list], ""],
  ];
  for (const [i, [now, want]] of looks.entries()) assert.equal(told(book.look(now)), want, `look ${i}`);
});

test("the book: the next process goes on where this one was", () => {
  const book = new AlertBook();
  book.look([disk]);
  book.look([disk]);
  const next = new AlertBook(book.text);
  assert.equal(told([...next.look([disk]), ...next.look([disk])]), "");
  assert.equal(told([...next.look([]), ...next.look([])]), "cleared disk");
  for (const broken of ["", "{", "[1]", '[{"id":"x","kind":"none"}]', "null"])
    assert.equal(new AlertBook(broken).text, "[]");
});

test("the book: more alerts than it remembers are left out", () => {
  const many = Array.from({ length: 500 }, (_, i): Condition => ({ ...list, id: `dns-list:${i}` }));
  const book = new AlertBook();
  book.look(many);
  assert.equal(book.look(many).length, 100);
  assert.equal(new AlertBook(book.text).text, book.text);
});

const changes: readonly AlertChange[] = [
  { state: "raised", alert: disk },
  { state: "cleared", alert: { ...list, values: { zone: "ä\r\nBcc: evil@a.test" } } },
];

/** Quoted-printable, read back. */
const unquoted = (text: string): string =>
  decodeURIComponent(
    text
      .replaceAll("=\r\n", "")
      .replaceAll("%", "=25")
      .replace(/=([0-9A-F]{2})/g, "%$1"),
  ).replaceAll("\r\n", "\n");

test("the letter: one for all, in the language asked for, nothing smuggled into its header", () => {
  const envelope = {
    hostName: "mail.example.org",
    from: "postmaster@example.org",
    to: "ops@example.org",
    now_ms: NOW_MS,
    id: "x",
  };
  const whole = letter(changes, envelope, "de").toString("latin1");
  const cut = whole.indexOf("\r\n\r\n");
  const [head, body] = [whole.slice(0, cut), whole.slice(cut + 4)];
  const subject = /^Subject: (.*(?:\r\n .*)*)/m.exec(head)?.[1] ?? "";
  assert.equal(
    decodeWords(unfold(subject)),
    "[mail.example.org] Warnung: Nur noch 3.0 % der Platte sind frei. (+1)",
  );
  assert.ok(head.split("\r\n").every((line) => line.length <= 78 && /^[\x20-\x7e]*$/.test(line)));
  assert.match(head, /^Auto-Submitted: auto-generated$/m);
  assert.doesNotMatch(head, /^Bcc/m);
  const text = unquoted(body);
  assert.match(
    text,
    /Warnung: Nur noch 3\.0 %.*\nSchaffen Sie Platz.*\n\nVorbei: Die DNS-Liste ä\\u000d\\u000aBcc/s,
  );
});

test("the webhook: an object for programs, or text with a priority", () => {
  const json = JSON.parse(webhookPost("json", changes, "mail.example.org", "en").body) as {
    server: string;
    alerts: { state: string; id: string }[];
  };
  assert.equal(json.server, "mail.example.org");
  assert.deepEqual(
    json.alerts.map(({ state, id }) => `${state} ${id}`),
    ["raised disk", "cleared dns-list:a.test"],
  );
  const calm = webhookPost("ntfy", changes, "mail.example.org", "en");
  assert.deepEqual([calm.headers["priority"], calm.headers["title"]], ["default", "mail.example.org"]);
  const urgent = webhookPost("ntfy", [{ state: "raised", alert: { ...disk, urgent: true } }], "h", "en");
  assert.equal(urgent.headers["priority"], "urgent");
});

test("words: the same values in both languages", () => {
  for (const { what, remedy } of Object.values(ALERTS))
    for (const words of [what, remedy]) {
      const values = (text: string): readonly string[] =>
        [...text.matchAll(/\{[a-z]+\}/g)].map(String).toSorted();
      assert.deepEqual(values(words.en), values(words.de));
      assert.notEqual(words.en, words.de);
    }
});
