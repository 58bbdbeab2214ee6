/**
 * Properties of the IMAP server under random input: `node --test test/fuzz/imap.ts`. FUZZ_RUNS sets how often each
 * property is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../src/base/ip.ts";
import { formatStructure } from "../../src/imap/body-structure.ts";
import { commandNamed } from "../../src/imap/command-table.ts";
import { Cursor } from "../../src/imap/cursor.ts";
import { dateTime } from "../../src/imap/date.ts";
import { readCommand, type CommandRead } from "../../src/imap/fragment.ts";
import { IMAP_LIMITS } from "../../src/imap/limits.ts";
import { matchesPattern } from "../../src/imap/listing.ts";
import { decodeUtf7, encodeUtf7 } from "../../src/imap/mailbox-name.ts";
import { NO_MODES } from "../../src/imap/modes.ts";
import { formatDateTime, formatEnvelope, formatString } from "../../src/imap/response.ts";
import { locate, type Section } from "../../src/imap/section.ts";
import { formatSet, sequenceSet, within } from "../../src/imap/sequence-set.ts";
import type { Outline, Part } from "../../src/message/outline.ts";
import { scan } from "../../src/message/mime.ts";
import { SocketConnection } from "../../src/net/socket-connection.ts";
import { parseResponse, type Item } from "../dialogs/imap/response-parser.ts";
import { corpus } from "./message.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 200);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

/** What we write as a client would send it: literals cut out of the text. */
function cursorOver(written: string): Cursor {
  const octets = Buffer.from(written, "utf8");
  const texts: string[] = [];
  const literals: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = octets.indexOf("\r\n", at);
    const text = octets.toString("latin1", at, line < 0 ? octets.length : line);
    texts.push(text);
    const announced = /\{([0-9]+)\}$/.exec(text);
    if (announced === null) return new Cursor(texts, literals);
    at = line + 2 + Number(announced[1]);
    literals.push(octets.subarray(line + 2, at));
  }
}

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from('"\\\r\n{}()%*& äß漢🙂')),
    fc.string({ minLength: 1, maxLength: 3 }),
  ),
  maxLength: 40,
});

test("a string survives being written and read", () => {
  fc.assert(
    fc.property(text, (value) => {
      const cursor = cursorOver(formatString(value.toWellFormed()));
      const read = cursor.astring();
      cursor.end();
      assert.equal(cursor.fault, "");
      assert.equal(read.toString("utf8"), value.toWellFormed());
    }),
    options,
  );
});

test("a mailbox name survives modified UTF-7, and has one spelling only", () => {
  fc.assert(
    fc.property(text, (value) => {
      const name = value.toWellFormed();
      const encoded = encodeUtf7(name);
      assert.match(encoded, /^[ -~]*$/);
      assert.equal(decodeUtf7(encoded), name);
    }),
    options,
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from("&-AZaz09+,/= ~é")), maxLength: 20 }),
      (encoded) => {
        const decoded = decodeUtf7(encoded);
        if (decoded !== undefined) assert.equal(encodeUtf7(decoded), encoded);
      },
    ),
    options,
  );
});

test("a set of uids survives being written and read", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
      fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
      (a, b) => {
        const uids = a.sort((x, y) => x - y);
        if (uids.length === 0) return;
        const cursor = new Cursor([formatSet(uids)], []);
        const set = sequenceSet(cursor);
        cursor.end();
        assert.ok(!cursor.failed && set.kind === "ranges");
        const others = b.sort((x, y) => x - y);
        assert.deepEqual(
          within(others, set.ranges),
          others.filter((uid) => uids.includes(uid)),
        );
      },
    ),
    options,
  );
});

test("a date and time survives being written and read", () => {
  const years = { min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) };
  fc.assert(
    fc.property(fc.integer(years), (epoch_ms) => {
      const seconds_ms = Math.floor(epoch_ms / 1000) * 1000;
      const cursor = new Cursor([formatDateTime(seconds_ms)], []);
      assert.equal(dateTime(cursor), seconds_ms);
      cursor.end();
      assert.equal(cursor.fault, "");
    }),
    options,
  );
});

test("LIST patterns mean what the plainest matcher says", () => {
  const plain = (name: string, pattern: string): boolean => {
    if (pattern === "") return name === "";
    const [first, rest] = [pattern[0] ?? "", pattern.slice(1)];
    if (first !== "*" && first !== "%") return name.startsWith(first) && plain(name.slice(1), rest);
    if (plain(name, rest)) return true;
    return name !== "" && !(first === "%" && name.startsWith("/")) && plain(name.slice(1), pattern);
  };
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "%"), maxLength: 6 });
  fc.assert(
    fc.property(letters, patterns, (name, pattern) => {
      assert.equal(matchesPattern(name, pattern), plain(name, pattern), `${name} ~ ${pattern}`);
    }),
    options,
  );
});

const PUNCTUATION = Array.from('()[]<>{}"\\*%:,.$-+~&\r\n\0\xff ');
const WORDS = [
  ...PUNCTUATION,
  ..."FETCH|UID FETCH|STORE|SEARCH|LIST|LSUB|SELECT|APPEND|STATUS|ENABLE|ID|LOGIN|CREATE|COPY|MOVE".split(
    "|",
  ),
  ..."1|0|4294967295|99999999999999999999|1:*|INBOX|NIL|FLAGS|BODY[|BODY.PEEK[HEADER.FIELDS (A)]".split("|"),
  ..."RETURN|(ALL)|OR|NOT|SUBJECT|KEYWORD|SINCE|1-Jan-2026|MODSEQ|\\Seen|+FLAGS.SILENT|CHARSET".split("|"),
  ...'QRESYNC|(1 2 3)|CHANGEDSINCE|PARTIAL -1:-2|BINARY[1]|<0.10>|{3}|{3+}|"a b"|UTF8 (~{3}'.split("|"),
];

test("every command either reads to its end or says what is wrong", () => {
  const line = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })), { maxLength: 14 });
  fc.assert(
    fc.property(fc.constantFrom(...WORDS), line, fc.boolean(), (name, words, spaced) => {
      const rest = ` ${words.join(spaced ? " " : "")}`;
      const parts = rest.split("\r\n");
      const cursor = new Cursor(
        parts,
        parts.slice(1).map((part) => Buffer.from(part, "latin1")),
      );
      const found = commandNamed(name.toUpperCase().replace("UID FETCH", "UID"), cursor);
      found?.command.parse(cursor, NO_MODES);
      if (found !== undefined) assert.ok(cursor.failed || cursor.atEnd, rest);
    }),
    { ...options, numRuns: numRuns * 5 },
  );
});

const VALID = [
  "a LOGIN {3}\r\nfoo {3+}\r\nbar\r\n",
  'b SELECT "in box"\r\n',
  "c APPEND x (\\Seen) {6+}\r\na\r\nb\r\n {1+}\r\nc\r\n",
  "d NOOP\r\n",
  "e SEARCH CHARSET UTF-8 TEXT {4+}\r\n\xc3\xa4\r\n\r\n",
];
const ENDPOINTS = {
  remote: { address: parseIp("127.0.0.1") as IpAddress, port: 1 },
  local: { address: "127.0.0.1", port: 143 },
};

async function readAll(octets: Buffer, cuts: readonly number[], loggedIn: boolean): Promise<string[]> {
  const [near, far] = duplexPair();
  const connection = new SocketConnection(far, ENDPOINTS);
  near.resume();
  const borders = [...new Set([0, ...cuts.map((cut) => cut % (octets.length + 1)), octets.length])].sort(
    (a, b) => a - b,
  );
  for (const [i, border] of borders.entries()) near.write(octets.subarray(border, borders[i + 1] ?? border));
  near.end();
  const seen: string[] = [];
  for (;;) {
    const read = await readCommand(connection, {
      limits: IMAP_LIMITS,
      clock: systemClock,
      loggedIn,
      deadline_ms: 2_000,
      appendSizeMax: 1_000,
    });
    seen.push(describe(read));
    if (read.kind === "closed" || read.kind === "hopeless" || read.kind === "timeout") break;
    if (read.kind === "too-big" || seen.length > 50) break;
  }
  connection.destroy();
  near.destroy();
  return seen;
}

function describe(read: CommandRead): string {
  if (read.kind !== "command") return JSON.stringify(read);
  const { cursor } = read;
  const parts: string[] = [];
  for (let i = 0; i < 30 && !cursor.atEnd; i++) {
    if (cursor.atLiteral) parts.push(`{${cursor.literal().toString("latin1")}}`);
    else parts.push(cursor.match(/[^{~]|[{~]/y) ?? "");
  }
  return `${read.tag} ${read.name} ${parts.join("")}`;
}

test("commands are the same however their octets are cut into packets", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...VALID), { maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(200), fc.constantFrom("{", "}", "+", "\r", "\n", " ", "9", "\0")), {
        maxLength: 2,
      }),
      fc.array(fc.nat(400), { maxLength: 8 }),
      fc.boolean(),
      async (commands, changes, cuts, loggedIn) => {
        let wire = commands.join("");
        for (const [at, char] of changes) wire = wire.slice(0, at) + char + wire.slice(at + 1);
        const octets = Buffer.from(wire, "latin1");
        assert.deepEqual(await readAll(octets, cuts, loggedIn), await readAll(octets, [], loggedIn));
      },
    ),
    { ...options, numRuns: Math.ceil(numRuns / 2) },
  );
});

test("what is shown of any message is well formed, and ASCII for who did not ask for more (E-19)", () => {
  for (const { name, octets } of corpus()) checkShown(name, scan(octets));
});

function checkShown(name: string, outline: Outline): void {
  for (const utf8 of [false, true]) {
    const modes = { ...NO_MODES, utf8 };
    const envelope = formatEnvelope(outline.envelope, modes);
    const structure = formatStructure(outline.root, true, modes);
    const shown = Buffer.from(
      `* 1 FETCH (ENVELOPE ${envelope} BODYSTRUCTURE ${structure} BODY ${formatStructure(outline.root, false, modes)})\r\n`,
    );
    if (!utf8) assert.ok(!shown.some((octet) => octet > 0x7f), `${name}: octets above 0x7F`);
    const [, , , items] = parseResponse(shown);
    assert.ok(Array.isArray(items), name);
    assert.equal((items[1] as readonly Item[]).length, 10, `${name}: fields of the envelope`);
    checkBody(items[3] as readonly Item[], outline.root, name);
  }
}

/** RFC 9051 §9: body-type-mpart, body-type-msg, body-type-text, body-type-basic, with extension data. */
function checkBody(items: readonly Item[], part: Part, name: string): void {
  if (Array.isArray(items[0])) {
    assert.equal(items.length, part.parts.length + 5, `${name}: multipart`);
    for (const [i, child] of part.parts.entries()) checkBody(items[i] as readonly Item[], child, name);
    return;
  }
  const type = String(items[0]).toLowerCase();
  const isMessage = type === "message" && /^(?:rfc822|global)$/i.test(String(items[1]));
  assert.equal(items.length, 7 + (isMessage ? 3 : type === "text" ? 1 : 0) + 4, `${name}: ${type}`);
  if (isMessage) checkBody(items[8] as readonly Item[], part.message?.root as Part, name);
}

test("sections lie in the message, and together they are the message", () => {
  const section = (path: readonly number[], kind: Section["text"]): Section => ({
    path,
    text: kind,
    fields: [],
    label: "",
  });
  for (const { name, octets } of corpus()) {
    const outline = scan(octets);
    const header = locate(outline, section([], "header"));
    const body = locate(outline, section([], "text"));
    assert.deepEqual([header?.start, header?.end, body?.end], [0, body?.start, octets.length], name);
    for (let first = 1; first < 4; first++) {
      for (const kind of ["all", "mime", "header", "text"] as const) {
        const range = locate(outline, section([first, 1], kind));
        assert.ok(range === undefined || (range.start <= range.end && range.end <= octets.length), name);
      }
    }
  }
});
