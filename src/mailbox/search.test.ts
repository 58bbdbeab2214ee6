import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { House, openBox } from "../../test/mailbox/house.ts";
import { ManualClock, systemClock } from "../base/clock.ts";
import type { ModSeq, Uid } from "../base/mail-ids.ts";
import type { AppendMessage, OpenMailbox } from "../imap/backend.ts";
import type { SearchKey } from "../imap/search-key.ts";
import { formatDate } from "../message/date.ts";

const NOW_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);

/** A message as its writer means it; what SEARCH must find is read from here, never from the octets. */
type Letter = {
  readonly subject: string | undefined;
  readonly sender: string;
  readonly note: string | undefined;
  readonly texts: readonly { readonly text: string; readonly encoding: Encoding }[];
  readonly enclosed: string | undefined;
  readonly attachment: boolean;
  readonly flags: readonly string[];
  readonly internalDate_ms: number;
  readonly sent: { readonly at_ms: number; readonly zone_minutes: number } | undefined;
};
type Encoding = "base64" | "quoted-printable" | "8bit" | "latin1";

const WORDS = ["alpha", "Beta", "größe", "ÜBER", "日本語", "привет", "don't", "a=b", "=3D", "100%"];
const NEEDLES = [
  ...WORDS,
  "ALPHA",
  "lph",
  "GRÖSSE",
  "über",
  "本",
  "ПРИВЕТ",
  "t a",
  "zzz",
  "subject",
  "x-note: ",
  "@b.test",
  "text/plain",
  "",
];
const FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "$Junk", "work"];

const phrase = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 })
  .map((words) => words.join(" "));
const letters: fc.Arbitrary<Letter> = fc.record({
  subject: fc.option(phrase, { nil: undefined }),
  sender: phrase,
  note: fc.option(phrase, { nil: undefined }),
  texts: fc.array(
    fc.record({
      text: phrase,
      encoding: fc.constantFrom<Encoding>("base64", "quoted-printable", "8bit", "latin1"),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  enclosed: fc.option(phrase, { nil: undefined }),
  attachment: fc.boolean(),
  flags: fc.subarray(FLAGS),
  internalDate_ms: fc.integer({ min: 0, max: 5 }).map((days) => NOW_MS - days * DAY_MS),
  sent: fc.option(
    fc.record({
      at_ms: fc.integer({ min: 0, max: 5 * 24 }).map((hours) => NOW_MS - (hours * DAY_MS) / 24),
      zone_minutes: fc.constantFrom(0, -720, 840),
    }),
    { nil: undefined },
  ),
});

const word = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
const dayOf = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);

function encodeText({ text, encoding }: Letter["texts"][number]): string {
  const type = (charset: string, transfer: string, body: string): string =>
    `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: ${transfer}\r\n\r\n${body}\r\n`;
  const octets = Buffer.from(text);
  if (encoding === "base64") return type("utf-8", "base64", octets.toString("base64"));
  if (encoding === "8bit") return type("utf-8", "8bit", octets.toString("latin1"));
  const latin = encoding === "latin1" && Buffer.from(text, "latin1").toString("latin1") === text;
  if (latin) return type("iso-8859-1", "8bit", text);
  const quoted = [...octets].map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  return type("UTF-8", "quoted-printable", quoted);
}

/** The letter's header as readers see it. */
function headerOf(letter: Letter): [string, string][] {
  const date = letter.sent && formatDate(letter.sent.at_ms, letter.sent.zone_minutes);
  return [
    ["From", `${letter.sender} <a@b.test>`],
    ...(letter.subject === undefined ? [] : [["Subject", letter.subject] as [string, string]]),
    ...(letter.note === undefined ? [] : [["X-Note", letter.note] as [string, string]]),
    ...(date === undefined ? [] : [["Date", date] as [string, string]]),
    ["Content-Type", "multipart/mixed; boundary=bound"],
  ];
}

function writeLetter(letter: Letter): Buffer {
  const header = headerOf(letter).map(([name, text]) => {
    if (name === "From") return `From: ${word(letter.sender)} <a@b.test>`;
    if (name === "Subject") return `Subject: ${word(text)}`;
    return `${name}: ${Buffer.from(text).toString("latin1")}`;
  });
  const parts = letter.texts.map(encodeText);
  if (letter.enclosed !== undefined) {
    parts.push(
      `Content-Type: message/rfc822\r\n\r\nSubject: ${word(letter.enclosed)}\r\n\r\n${letter.enclosed.length}\r\n`,
    );
  }
  if (letter.attachment) parts.push("Content-Type: application/octet-stream\r\n\r\nzzz\r\n");
  const body = parts.map((part) => `--bound\r\n${part}\r\n`).join("");
  return Buffer.from(`${header.join("\r\n")}\r\n\r\nzzz preamble\r\n${body}--bound--\r\n`, "latin1");
}

const has = (text: string | undefined, needle: string): boolean =>
  text !== undefined && text.toLowerCase().includes(needle.toLowerCase());

/** A letter in its mailbox. */
type Kept = Letter & {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly size_octets: number;
  readonly emailId: string;
  readonly threadId: string;
};

/** What the RFC says, word for word, over what the writer meant. */
function found(key: SearchKey, kept: Kept): boolean {
  switch (key.kind) {
    case "all":
      return true;
    case "and":
      return key.keys.every((one) => found(one, kept));
    case "or":
      return found(key.left, kept) || found(key.right, kept);
    case "not":
      return !found(key.key, kept);
    case "uids":
      return key.ranges.some(([from, to]) => from <= kept.uid && kept.uid <= to);
    case "flag":
      return kept.flags.some((flag) => flag.toLowerCase() === key.flag.toLowerCase());
    case "header":
      return headerOf(kept).some(([name, text]) => name.toLowerCase() === key.field && has(text, key.text));
    case "body":
      return inBody(kept, key.text);
    case "text":
      return (
        inBody(kept, key.text) || headerOf(kept).some(([name, text]) => has(`${name}: ${text}`, key.text))
      );
    case "larger":
      return kept.size_octets > key.octets;
    case "smaller":
      return kept.size_octets < key.octets;
    case "date": {
      const sentDay = kept.sent && dayOf(kept.sent.at_ms + kept.sent.zone_minutes * 60_000);
      const day = key.of === "sent" ? sentDay : dayOf(key.of === "saved" ? NOW_MS : kept.internalDate_ms);
      if (day === undefined) return false;
      return key.relation === "on"
        ? day === key.day
        : key.relation === "before"
          ? day < key.day
          : day >= key.day;
    }
    case "within": {
      const age_ms = NOW_MS - kept.internalDate_ms;
      return key.relation === "older" ? age_ms >= key.seconds * 1000 : age_ms <= key.seconds * 1000;
    }
    case "modseq":
      return kept.modSeq >= key.modSeq;
    case "emailid":
      return kept.emailId === key.id;
    case "threadid":
      return kept.threadId === key.id;
  }
}

const inBody = (kept: Kept, needle: string): boolean =>
  kept.texts.some(({ text }) => has(text, needle)) ||
  (kept.enclosed !== undefined && has(`subject: ${kept.enclosed}`, needle)) ||
  needle === "";

function keys(kept: readonly Kept[]): fc.Arbitrary<SearchKey> {
  const needle = fc.constantFrom(...NEEDLES);
  const uid = fc.integer({ min: 1, max: kept.length + 2 });
  const one = fc.constantFrom(...kept);
  const day = fc.integer({ min: -1, max: 7 }).map((days) => dayOf(NOW_MS - days * DAY_MS));
  const leaf: fc.Arbitrary<SearchKey> = fc.oneof(
    fc.constant<SearchKey>({ kind: "all" }),
    fc.record({
      kind: fc.constant("uids"),
      ranges: fc.array(
        fc.tuple(uid, uid).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
        { maxLength: 3 },
      ),
    }),
    fc.record({ kind: fc.constant("flag"), flag: fc.constantFrom(...FLAGS, "$JUNK", "\\Answered", "none") }),
    fc.record({
      kind: fc.constant("header"),
      field: fc.constantFrom("from", "subject", "x-note", "date", "content-type", "to"),
      text: needle,
    }),
    fc.record({ kind: fc.constant("body"), text: needle }),
    fc.record({ kind: fc.constant("text"), text: needle }),
    fc.record({ kind: fc.constant("larger"), octets: one.map(({ size_octets }) => size_octets) }),
    fc.record({ kind: fc.constant("smaller"), octets: one.map(({ size_octets }) => size_octets) }),
    fc.record({
      kind: fc.constant("date"),
      of: fc.constantFrom("internal", "sent", "saved"),
      relation: fc.constantFrom("before", "on", "since"),
      day,
    }),
    fc.record({
      kind: fc.constant("within"),
      relation: fc.constantFrom("older", "younger"),
      seconds: fc.constantFrom(0, 86_400, 3 * 86_400),
    }),
    fc.record({ kind: fc.constant("modseq"), modSeq: one.map(({ modSeq }) => modSeq) }),
    fc.record({ kind: fc.constant("emailid"), id: one.map(({ emailId }) => emailId) }),
    fc.record({ kind: fc.constant("threadid"), id: one.map(({ threadId }) => threadId) }),
  );
  const { key } = fc.letrec<{ key: SearchKey }>((tie) => ({
    key: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      tie("key").map((inner): SearchKey => ({ kind: "not", key: inner })),
      fc
        .array(tie("key"), { minLength: 1, maxLength: 3 })
        .map((inner): SearchKey => ({ kind: "and", keys: inner })),
      fc.tuple(tie("key"), tie("key")).map(([left, right]): SearchKey => ({ kind: "or", left, right })),
    ),
  }));
  return key;
}

async function keep(box: OpenMailbox, sent: readonly Letter[]): Promise<Kept[]> {
  const kept: Kept[] = [];
  for await (const message of box.messages(box.uids)) {
    const letter = sent[kept.length];
    assert.ok(letter);
    const { uid, modSeq, size_octets, emailId, threadId } = message;
    kept.push({ ...letter, uid, modSeq, size_octets, emailId, threadId });
  }
  return kept;
}

async function hits(box: OpenMailbox, key: SearchKey, view = box.uids): Promise<number[]> {
  const result = await box.search(key, view);
  assert.ok(result.ok);
  return [...result.value];
}

test("search finds what a reader would find by looking at every message", { timeout: 60_000 }, async () => {
  await using house = await House.open({ clock: new ManualClock(NOW_MS) });
  const account = await house.account();
  const sent = fc.sample(letters, { seed: 5, numRuns: 60 });
  const appended = await account.append(
    "INBOX",
    sent.map((letter): AppendMessage => ({
      octets: writeLetter(letter),
      flags: letter.flags,
      internalDate_ms: letter.internalDate_ms,
    })),
  );
  assert.ok(appended.ok);
  const box = await openBox(account);
  const kept = await keep(box, sent);
  let total = 0;
  await fc.assert(
    fc.asyncProperty(keys(kept), async (key) => {
      const want = kept.filter((one) => found(key, one)).map(({ uid }) => uid as number);
      total += want.length;
      assert.deepEqual(await hits(box, key), want);
    }),
    { seed: 6, numRuns: RUNS },
  );
  assert.ok(total > RUNS, "the keys find something");
});

test("only the view is searched; what has gone matches nothing", async () => {
  await using house = await House.open();
  const account = await house.account();
  const octets = Buffer.from("Subject: hi\r\n\r\nbody\r\n");
  await account.append(
    "INBOX",
    Array.from({ length: 4 }, () => ({ octets, flags: [] as string[] })),
  );
  const box = await openBox(account);
  const body: SearchKey = { kind: "body", text: "body" };
  assert.deepEqual(await hits(box, body, Uint32Array.of(2, 4, 9)), [2, 4]);
  await box.storeFlags(Uint32Array.of(2), { action: "add", flags: ["\\Deleted"] });
  await box.expunge();
  assert.deepEqual(await hits(box, body), [1, 3, 4]);
  assert.deepEqual(await hits(box, { kind: "all" }), [1, 3, 4]);
  const overlapping: SearchKey = {
    kind: "and",
    keys: [
      {
        kind: "uids",
        ranges: [
          [1, 3],
          [3, 4],
        ],
      },
      body,
    ],
  };
  assert.deepEqual(await hits(box, overlapping), [1, 3, 4]);
});

test("a large message is read part by part; an attachment not at all", async () => {
  await using house = await House.open();
  const account = await house.account();
  const attachment = Buffer.alloc(400_000, "needle").toString("base64");
  const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>f&uuml;r <b>Sie</b></p>\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n--b--\r\n`;
  assert.ok((await account.append("INBOX", [{ octets: Buffer.from(text), flags: [] }])).ok);
  const box = await openBox(account);
  assert.deepEqual(await hits(box, { kind: "body", text: "FÜR" }), [1]);
  assert.deepEqual(await hits(box, { kind: "body", text: "needle" }), []);
});

test("others get their turn while a search runs", async () => {
  await using house = await House.open({ limits: { searchTurn_ms: 1 } });
  const account = await house.account();
  const octets = Buffer.from(`Subject: hi\r\n\r\n${"word ".repeat(2000)}\r\n`);
  await account.append(
    "INBOX",
    Array.from({ length: 100 }, () => ({ octets, flags: [] as string[] })),
  );
  await account.append(
    "INBOX",
    Array.from({ length: 100 }, () => ({
      octets: Buffer.concat([octets, Buffer.from("x")]),
      flags: [] as string[],
    })),
  );
  const box = await openBox(account);
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await hits(box, { kind: "body", text: "nothing of the kind" });
  over = true;
  assert.ok(turns > 10, `${turns} turns`);
});

test("a search that takes too long is refused", async () => {
  let now_ms = NOW_MS;
  await using house = await House.open({
    clock: { now: () => (now_ms += 10), sleep: (duration_ms) => systemClock.sleep(duration_ms) },
    limits: { search_ms: 50 },
  });
  const account = await house.account();
  const octets = Buffer.from("Subject: hi\r\n\r\nbody\r\n");
  await account.append(
    "INBOX",
    Array.from({ length: 40 }, () => ({ octets, flags: [] as string[] })),
  );
  const box = await openBox(account);
  const result = await box.search({ kind: "body", text: "body" }, box.uids);
  assert.equal(result.ok ? "OK" : result.error.code, "LIMIT");
});
