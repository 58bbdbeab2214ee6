/**
 * Properties of `src/message` under seeded mutation: `node test/fuzz/message.ts [runs] [seed]`. The unit tests run a
 * short round of the same; FUZZ_RUNS makes it longer.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatAddressList, parseAddressList } from "../../src/message/address.ts";
import { buildMessage, buildReport } from "../../src/message/builder.ts";
import { formatDate, parseDate } from "../../src/message/date.ts";
import { decodeWords, encodeWords } from "../../src/message/encoded-word.ts";
import { fieldName, fields, findField, lineEndOf, removeFields } from "../../src/message/header.ts";
import { MESSAGE_LIMITS } from "../../src/message/limits.ts";
import { scan } from "../../src/message/mime.ts";
import type { Outline, Part } from "../../src/message/outline.ts";
import { decodeParameter, encodeParameter, parseParameters } from "../../src/message/parameter.ts";
import { messageText } from "../../src/message/text.ts";
import {
  decodeBase64,
  decodeQuotedPrintable,
  encodeBase64,
  encodeQuotedPrintable,
} from "../../src/message/transfer-encoding.ts";

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "../corpora/messages");

/** All messages of the corpus, by name. */
export function corpus(): { readonly name: string; readonly octets: Buffer }[] {
  return readdirSync(CORPUS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(eml|raw)$/.test(entry.name))
    .map((entry) => ({ name: entry.name, octets: readFileSync(join(entry.parentPath, entry.name)) }));
}

/** What must hold for every outline of every input. */
export function checkOutline(octets: Buffer, outline: Outline): void {
  assert.equal(outline.size, octets.length);
  assert.equal(outline.root.header.start, 0);
  assert.equal(outline.root.body.end, octets.length);
  assert.ok(outline.references.length <= MESSAGE_LIMITS.referencesMax);
  assert.ok(count(outline.root) <= MESSAGE_LIMITS.partsMax, "number of parts");
  assert.ok(depth(outline.root) <= MESSAGE_LIMITS.nestingMax + 1, "depth");
  const json = JSON.stringify(outline);
  assert.deepEqual(JSON.parse(json), outline);
  assert.ok(!/\\r|\\n|\\u0000/.test(json), "no CR, LF or NUL in a string");
  checkPart(octets, outline.root, lineEndOf(octets));
}

function checkPart(octets: Buffer, part: Part, lineEnd: number): void {
  const { header, body, parts, message } = part;
  assert.ok(header.start <= header.end && header.end === body.start && body.start <= body.end);
  assert.equal(part.lines, octets.subarray(body.start, body.end).filter((octet) => octet === lineEnd).length);
  assert.equal(part.type === "multipart", parts.length > 0);
  let position = body.start;
  for (const child of parts) {
    const between = octets.toString("latin1", position, child.header.start);
    assert.match(between, /--[^\r\n]+\s*$/, "a delimiter stands before every part");
    position = child.body.end;
    checkPart(octets, child, lineEnd);
  }
  assert.ok(position <= body.end);
  if (!message) return;
  assert.equal(message.root.header.start, body.start);
  assert.equal(message.root.body.end, body.end);
  checkPart(octets, message.root, lineEnd);
}

const inside = (part: Part): readonly Part[] => (part.message ? [part.message.root] : part.parts);
const count = (part: Part): number => inside(part).reduce((sum, child) => sum + count(child), 1);
const depth = (part: Part): number => 1 + Math.max(0, ...inside(part).map(depth));

/** A small generator of numbers: the same seed gives the same run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  text(alphabet: readonly string[], length: number): string {
    return Array.from({ length: this.below(length + 1) }, () => this.of(alphabet)).join("");
  }
}

const SNIPPETS = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  "--",
  "--b",
  "--b--",
  "\r\n--b\r\n",
  "\r\n\r\n",
  ":",
  " ",
  "\t",
  "=",
  ";",
  '"',
  "(",
  ")",
  "<",
  ">",
  "@",
  "Content-Type: multipart/mixed; boundary=b\r\n",
  "Content-Type: multipart/digest; boundary=b\r\n",
  "Content-Type: message/rfc822\r\n\r\n",
  "\xff",
  "é",
  "=?utf-8?q?",
  "?=",
  "*0*=",
  "%41",
  "__proto__",
];

function mutate(octets: Buffer, dice: Dice): Buffer {
  let text = octets.toString("latin1", 0, 6_000);
  for (let i = dice.below(8); i >= 0; i--) {
    const at = dice.below(text.length + 1);
    const to = Math.min(text.length, at + dice.below(40));
    const piece = dice.of([dice.of(SNIPPETS), "", text.slice(at, to), text.slice(at, to).repeat(2)]);
    text = text.slice(0, at) + piece + text.slice(dice.of([at, to]));
  }
  return Buffer.from(text, "latin1");
}

/** Random trees whose structure is known before they are written. */
type Tree =
  | { readonly leaf: string }
  | { readonly boundary: string; readonly parts: readonly Tree[] }
  | { readonly message: Tree };

function growTree(dice: Dice, level: number): Tree {
  const kind = level >= 5 ? 0 : dice.below(4);
  if (kind < 2) return { leaf: dice.text(["a\r\n", "--a", "b", "\r\n", "-", "--\r\n", "text "], 12) };
  if (kind === 2) return { message: growTree(dice, level + 1) };
  const boundary = "a".repeat(dice.below(3) + 1) + level + dice.of(["", "--", "x"]);
  return { boundary, parts: Array.from({ length: dice.below(4) + 1 }, () => growTree(dice, level + 1)) };
}

function writeTree(tree: Tree): string {
  if ("leaf" in tree) return `Content-Type: text/x-leaf\r\n\r\n${tree.leaf}`;
  if ("message" in tree) return `Content-Type: message/rfc822\r\n\r\n${writeTree(tree.message)}`;
  const parts = tree.parts.map((part) => `--${tree.boundary}\r\n${writeTree(part)}\r\n`).join("");
  return `Content-Type: multipart/x; boundary="${tree.boundary}"\r\n\r\n${parts}--${tree.boundary}--`;
}

function readTree(octets: Buffer, part: Part): unknown {
  if (part.message) return { message: readTree(octets, part.message.root) };
  if (part.parts.length > 0)
    return { boundary: part.parameters[0]?.[1], parts: part.parts.map((child) => readTree(octets, child)) };
  return { leaf: octets.toString("latin1", part.body.start, part.body.end) };
}

const ADDRESS_PIECES = [
  "a",
  "b.c",
  ".",
  "@",
  "<",
  ">",
  ",",
  ";",
  ":",
  " ",
  '"',
  "(",
  ")",
  "[",
  "]",
  "\\",
  "é",
  "\0",
  "\r\n ",
  "Name ",
  "x@y.z",
];
const TEXT_PIECES = [
  "a",
  "word ",
  " ",
  "ü",
  "€",
  "😀",
  "=?utf-8?q?x?=",
  "?=",
  "=",
  "_",
  '"',
  "\\",
  "%41",
  "'",
  ";",
  "x".repeat(90),
];
const HOSTILE_PIECES = [
  ...TEXT_PIECES,
  "\r\n",
  "\r",
  "\n",
  "\0",
  "\r\nBcc: evil@example.org",
  "\r\n\r\n",
  ":",
  "\u2028",
  "\ud800",
];

/** One round of everything; throws with what does not hold. */
export function fuzzOnce(dice: Dice, messages: readonly Buffer[]): void {
  const octets = mutate(dice.of(messages), dice);
  const outline = scan(octets);
  checkOutline(octets, outline);
  messageText(octets, outline, 100_000);
  fuzzTree(dice);
  fuzzAddresses(dice);
  fuzzText(dice);
  fuzzBuilder(dice);
  const stripped = removeFields(octets, "subject");
  assert.equal(findField(stripped, "Subject"), undefined);
}

function fuzzTree(dice: Dice): void {
  const tree = growTree(dice, 0);
  const octets = Buffer.from(writeTree(tree), "latin1");
  const outline = scan(octets);
  checkOutline(octets, outline);
  assert.deepEqual(readTree(octets, outline.root), tree, octets.toString("latin1"));
}

function fuzzAddresses(dice: Dice): void {
  const text = dice.text(ADDRESS_PIECES, 25);
  const { addresses } = parseAddressList(text);
  const written = formatAddressList(addresses);
  assert.deepEqual(parseAddressList(written).addresses, addresses, `${JSON.stringify(text)} -> ${written}`);
}

function fuzzText(dice: Dice): void {
  const text = dice.text(TEXT_PIECES, 20);
  assert.equal(decodeWords(encodeWords(text)), text);
  decodeWords(dice.text(["=?", "utf-8", "?", "b", "q", "=C3", "w7w=", "?=", " ", "*en"], 30));
  const written = parseParameters(encodeParameter("name", text)).parameters;
  if (!text.includes("=?")) assert.equal(decodeParameter(written, "name"), text);
  const octets = Buffer.from(text, "utf8");
  assert.deepEqual(decodeBase64(Buffer.from(encodeBase64(octets))), octets);
  assert.equal(decodeQuotedPrintable(Buffer.from(encodeQuotedPrintable(text))).toString("utf8"), text);
  const date = {
    epoch_ms: dice.below(2 ** 42) * 1000 - 2_000_000_000_000,
    zone_minutes: dice.below(1600) - 800,
  };
  if (date.epoch_ms < 250_000_000_000_000)
    assert.deepEqual(parseDate(formatDate(date.epoch_ms, date.zone_minutes)), date);
}

/** Whatever is put into a built message, it has the fields it should have, and every line is one that can be sent. */
function fuzzBuilder(dice: Dice): void {
  const hostile = (length = 6): string => dice.text(HOSTILE_PIECES, length);
  const head = {
    from: [{ kind: "mailbox", name: hostile(), localPart: hostile(), domain: hostile() } as const],
    to: parseAddressList(hostile(12)).addresses,
    subject: hostile(20),
    date: { epoch_ms: 1_700_000_000_000, zone_minutes: 60 },
    messageId: hostile(),
    fields: [[`X-${dice.of(["A", "A\r\nB", "A: B"])}`, hostile(20)]] as const,
  };
  const leaf = { kind: "text", subtype: "plain", text: hostile(30) } as const;
  const attached = {
    kind: "attachment",
    type: hostile(3),
    fileName: hostile(),
    octets: Buffer.from(hostile()),
  } as const;
  const original = { octets: Buffer.from(hostile(30)), whole: dice.below(2) === 0 };
  const mixed = { kind: "multipart", subtype: "mixed", parts: [leaf, attached] } as const;
  const built = [
    buildMessage(head, mixed),
    buildReport(head, { text: hostile(), status: [[["X", hostile()]], [["Y", hostile()]]], original }),
  ];
  for (const [i, octets] of built.entries()) {
    const text = octets.toString("latin1");
    assert.ok(!/\0|(?:^|[^\r])\n|\r(?!\n)/.test(text), "CRLF only");
    assert.ok(
      text.split("\r\n").every((line) => line.length <= 998),
      "short lines",
    );
    const { root } = scan(octets);
    const expected = ["From", "To", "Subject", "Date", "Message-ID"];
    const names = [...fields(octets)].map((field) => fieldName(octets, field));
    assert.deepEqual(names.slice(0, 5), expected);
    assert.deepEqual(
      names.filter((name) => /^bcc$/i.test(name)),
      [],
    );
    assert.equal(names.filter((name) => name !== "Content-Transfer-Encoding").length, i === 0 ? 8 : 9);
    assert.equal(root.parts.length, i === 0 ? 2 : 3);
    checkOutline(octets, scan(octets));
  }
}

/** Runs rounds from `seed` on; a failure names its seed. */
export function fuzz(runs: number, seed: number): void {
  const messages = corpus().map(({ octets }) => octets);
  for (let i = 0; i < runs; i++) {
    try {
      fuzzOnce(new Dice(seed + i), messages);
    } catch (error) {
      throw new Error(`seed ${seed + i}`, { cause: error });
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const runs = Number(process.argv[2] ?? process.env["FUZZ_RUNS"] ?? 20_000);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
  fuzz(runs, seed);
  console.log(`message: ${runs} rounds from seed ${seed}`);
}
