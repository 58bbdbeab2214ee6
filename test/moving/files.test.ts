/** Mail out as files and in again: nothing is lost, not an octet, a flag, a date or a folder. */
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { AccountId } from "../../src/base/mail-ids.ts";
import { scan } from "../../src/message/mime.ts";
import { exportMaildir } from "../../src/moving/maildir-export.ts";
import { exportMbox } from "../../src/moving/mbox-export.ts";
import { ImportRecord } from "../../src/moving/import-record.ts";
import { maildirSource } from "../../src/moving/maildir-source.ts";
import { mboxSource } from "../../src/moving/mbox-source.ts";
import { formatMbox, parseMbox, separators } from "../../src/moving/mboxrd.ts";
import { moveIn } from "../../src/moving/move-in.ts";
import type { Source } from "../../src/moving/source.ts";
import { verifyFolder } from "../../src/moving/verify-moved.ts";
import { value } from "../../src/store/conformance/fixtures.ts";
import type { Flags, Store } from "../../src/store/store.ts";
import { House } from "../accounts/house.ts";

const workshop = mkdtempSync(join(tmpdir(), "wachpost-files-"));
after(() => rmSync(workshop, { recursive: true }));
let directories = 0;
const fresh = (): string => join(workshop, String(directories++));

/** Text that hurts: lines that look like separators, quoted or not, every kind of line end, octets of any kind. */
const piece = fc.oneof(
  fc.constantFrom(
    "From ",
    ">From ",
    ">>From a@b Thu Jan  1 00:00:00 1970",
    "\r\n",
    "\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
  ),
  fc.constantFrom("Subject: x", "Status: RO", "X-Wachpost-Mbox: 1 crlf open", "\u0000", "ü", ""),
  fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets).toString("latin1")),
);
const octetsOf = fc.array(piece, { maxLength: 25 }).map((parts) => Buffer.from(parts.join(""), "latin1"));
const keyword = fc.constantFrom("$Forwarded", "Work", "$Junk", "später", "a-very_long.one");
const flagsOf: fc.Arbitrary<Flags> = fc.record({
  system: fc.integer({ min: 0, max: 31 }),
  keywords: fc.uniqueArray(keyword).map((words) => words.sort()),
});
const dateOf = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
const messageOf = fc.record({ octets: octetsOf, flags: flagsOf, internalDate_ms: dateOf });

void test("mboxrd: whatever stands in a message comes back octet for octet, and is never taken for a separator", () => {
  fc.assert(
    fc.property(fc.array(messageOf, { maxLength: 4 }), (messages) => {
      const file = Buffer.concat(messages.map(formatMbox));
      const starts = separators(file, true, true);
      assert.equal(starts.length, messages.length);
      const back = starts.map((start, i) => parseMbox(file.subarray(start, starts[i + 1])));
      assert.deepEqual(
        back,
        structuredClone(messages).map((one) => ({ ...one, octets: Buffer.from(one.octets) })),
      );
    }),
    { numRuns: 1000 },
  );
});

type Person = { readonly house: House; readonly id: AccountId };
async function person(): Promise<Person> {
  const house = await House.open();
  return { house, id: (await house.account("anna@example.org")).id };
}

async function moveAll({ house, id }: Person, opened: Source): Promise<number> {
  await using source = opened;
  const { store } = house;
  await using record = await ImportRecord.open(house.directory, source.name, "anna");
  const before = [...record.folders.values()].reduce((sum, { moved }) => sum + moved.size, 0);
  const { moved } = await moveIn({
    source,
    store,
    account: id,
    record,
    progress: () => {},
    signal: new AbortController().signal,
  });
  for (const folder of moved)
    assert.deepEqual((await verifyFolder(store, folder)).equal, true, folder.folder.id);
  return [...record.folders.values()].reduce((sum, one) => sum + one.moved.size, 0) - before;
}

/** Everything that must survive, by mailbox. */
async function contents(store: Store, account: AccountId): Promise<unknown> {
  const found: unknown[] = [];
  for (const { id, name, specialUse, subscribed } of await store.mail.mailboxes(account)) {
    const rows: unknown[] = [];
    for await (const batch of store.mail.messages(id, await store.mail.uids(id)))
      for (const { blob, flags, internalDate_ms } of batch)
        rows.push({ octets: (await store.mail.octets(blob))?.toString("latin1"), flags, internalDate_ms });
    found.push({ name, specialUse, subscribed, rows: rows.map((row) => JSON.stringify(row)).sort() });
  }
  return found;
}

const NAMES = ["INBOX", "Sent", "Kunden/Müller & Söhne", "a.b/c.d%", "..x", "Leer", "x".repeat(200)] as const;
const kinds: readonly (readonly [
  name: string,
  write: (store: Store, account: AccountId, directory: string) => Promise<unknown>,
  read: (root: string, map: ReadonlyMap<string, string>) => Source,
])[] = [
  ["Maildir", exportMaildir, maildirSource],
  ["mbox", exportMbox, mboxSource],
];
for (const [name, write, read] of kinds)
  void test(`${name}: a whole account out and in again is the same, and a second time brings nothing`, async () => {
    const one = await person();
    await using house = one.house;
    const { mail } = house.store;
    const samples = fc.sample(messageOf, { numRuns: 80, seed: 4711 });
    for (const [i, sample] of samples.entries()) {
      const mailbox = NAMES[i % NAMES.length] ?? "INBOX";
      if (mailbox === "Leer") continue;
      const row =
        (await mail.mailboxByName(one.id, mailbox)) ??
        (await mail.mailbox(value(await mail.createMailbox(one.id, mailbox))));
      assert.ok(row);
      // The same message twice is two messages; more keywords than a Maildir has letters.
      const keywords = [...sample.flags.keywords, `k${String(i % 40).padStart(2, "0")}`].sort();
      const message = {
        source: { kind: "octets" as const, octets: sample.octets },
        outline: scan(sample.octets),
        flags: { ...sample.flags, keywords },
        internalDate_ms: sample.internalDate_ms,
      };
      value(await mail.append(row.id, i % 9 === 0 ? [message, message] : [message]));
    }
    value(await mail.createMailbox(one.id, "Leer"));
    await mail.subscribe(one.id, "Kunden/Müller & Söhne", true);
    const directory = fresh();
    await write(house.store, one.id, directory);
    await assert.rejects(write(house.store, one.id, directory), /is not empty/);

    const other = await person();
    await using otherHouse = other.house;
    const came = await moveAll(other, read(directory, new Map()));
    assert.ok(came > 70, `${came} came`);
    assert.deepEqual(await contents(otherHouse.store, other.id), await contents(house.store, one.id));
    assert.equal(await moveAll(other, read(directory, new Map())), 0);
  });

void test("a foreign Maildir: LF becomes CRLF, new and cur, flags by letters, folders of both layouts", async () => {
  const root = fresh();
  const put = (path: string, text: string, at_s: number): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
    utimesSync(join(root, path), at_s, at_s);
  };
  put("new/1.new", "Subject: n\n\nx\n", 1000);
  put("cur/2.seen:2,FSP", "Subject: s\r\n\r\nx\n", 2000);
  put(".Gesendet/cur/3.sent:2,Sa", "Subject: t\n\nx\n", 3000);
  put(".Gesendet/dovecot-keywords", "0 Work\n", 1);
  put("Freunde/Alte/cur/4.old:2,S", "Subject: o\n\nx", 4000);
  put("cur/.hidden/5", "no message", 5000);
  writeFileSync(join(root, "subscriptions"), "Freunde/Alte\n");
  const one = await person();
  await using house = one.house;
  assert.equal(await moveAll(one, maildirSource(root, new Map([["Freunde/Alte", "Freunde"]]))), 4);
  const found = (await contents(house.store, one.id)) as { name: string; rows: string[] }[];
  const rows = (name: string): unknown[] =>
    found.find((row) => row.name === name)?.rows.map((row) => JSON.parse(row)) ?? [];
  assert.deepEqual(rows("INBOX"), [
    { octets: "Subject: n\r\n\r\nx\r\n", flags: { system: 0, keywords: [] }, internalDate_ms: 1_000_000 },
    {
      octets: "Subject: s\r\n\r\nx\n",
      flags: { system: 5, keywords: ["$Forwarded"] },
      internalDate_ms: 2_000_000,
    },
  ]);
  assert.deepEqual(rows("Sent"), [
    {
      octets: "Subject: t\r\n\r\nx\r\n",
      flags: { system: 1, keywords: ["Work"] },
      internalDate_ms: 3_000_000,
    },
  ]);
  assert.equal(rows("Freunde").length, 1);
  assert.throws(() => maildirSource(join(root, "new"), new Map()), /no Maildir/);
});

void test("a Maildir with links: what they lead to is somebody else's and does not come", async () => {
  const [root, other] = [fresh(), fresh()];
  for (const directory of [join(root, "cur"), join(root, ".Sent"), join(other, "cur")])
    mkdirSync(directory, { recursive: true });
  writeFileSync(join(root, "cur/1"), "Subject: own\n\n");
  writeFileSync(join(other, "cur/2"), "Subject: secret\n\n");
  symlinkSync(join(other, "cur/2"), join(root, "cur/2"));
  symlinkSync(join(other, "cur"), join(root, "new"));
  symlinkSync(join(other, "cur"), join(root, ".Sent/cur"));
  const anna = await person();
  await using house = anna.house;
  assert.equal(await moveAll(anna, maildirSource(root, new Map())), 1);
  assert.equal((await house.store.mail.mailboxByName(anna.id, "INBOX"))?.messages, 1);
});

void test("a foreign mbox: separators only after an empty line, flags of mutt, quoting undone; grown, only the new comes", async () => {
  const root = fresh();
  mkdirSync(join(root, "Archives.sbd"), { recursive: true });
  const first =
    "From a@b.test Thu Jan  1 00:16:40 1970\nSubject: one\nStatus: RO\nX-Status: AF\n\nFrom here on\n>From there\n>>From x\n";
  const file = join(root, "Archives.sbd", "2019");
  writeFileSync(file, first);
  writeFileSync(join(root, "Archives.sbd", "2019.msf"), "// index");
  const one = await person();
  await using house = one.house;
  assert.equal(await moveAll(one, mboxSource(root, new Map())), 1);
  writeFileSync(file, `${first}\nFrom c@d Fri Jan  2 00:00:00 1970 +0000\r\nSubject: two\r\n\r\ny\r\n`);
  assert.equal(await moveAll(one, mboxSource(root, new Map())), 1);
  const found = (await contents(house.store, one.id)) as { name: string; rows: string[] }[];
  const rows = found.find((row) => row.name === "Archives/2019")?.rows ?? [];
  assert.deepEqual(
    rows.map((row) => JSON.parse(row) as unknown),
    [
      {
        octets: "Subject: one\r\nStatus: RO\r\nX-Status: AF\r\n\r\nFrom here on\r\nFrom there\r\n>From x\r\n",
        flags: { system: 7, keywords: [] },
        internalDate_ms: 1_000_000,
      },
      {
        octets: "Subject: two\r\n\r\ny\r\n",
        flags: { system: 0, keywords: [] },
        internalDate_ms: 86_400_000,
      },
    ],
  );
  writeFileSync(join(root, "none"), "hello\n");
  assert.throws(() => mboxSource(join(root, "none"), new Map()), /no mbox file/);
  assert.ok(readFileSync(file).length > first.length, "the source is as it was");
});
