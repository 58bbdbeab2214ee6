/** Somebody's old mail, made from a seed, and what it must have become here. */
import { createHash, randomBytes } from "node:crypto";
import type { Store } from "../../src/store/store.ts";
import type { OldMail, OldMessage } from "./dovecot-imap.ts";

const SIZE_OCTETS = 3000;
const FLAGS = ["", "S", "RS", "FS", "DS", "FRS", "ST", "aS", "abS"] as const;

function oldMessage(folder: string, i: number): OldMessage {
  const head = [
    `From: Sender ${i} <sender${i}@old.test>`,
    `To: Anna <anna@old.test>`,
    `Subject: ${folder === "" ? "INBOX" : "folder"} ${i}`,
    `Message-ID: <${i}.${randomBytes(6).toString("hex")}@old.test>`,
    "Date: Tue, 24 Nov 2020 10:00:00 +0100",
  ];
  const body = randomBytes(SIZE_OCTETS / 2 + (i % 7) * 100)
    .toString("base64")
    .replace(/.{70}/g, "$&\r\n");
  // Now and then what mail really holds: 8-bit octets, an empty body, the same message twice.
  const special = i % 10 === 3 ? "\r\nGr\u00fc\u00dfe \u2603" : "";
  const text = i % 25 === 7 ? "" : `${body}${special}\r\n`;
  const date_ms = Date.UTC(2015 + (i % 9), i % 12, 1 + (i % 28), i % 24, i % 60, i % 60);
  return {
    octets: Buffer.from(`${head.join("\r\n")}\r\n\r\n${text}`),
    flags: FLAGS[i % FLAGS.length] ?? "",
    date_ms,
  };
}

/** `counts`: messages by Maildir++ directory. Every fiftieth stands there twice. */
export function makeOldMail(counts: Readonly<Record<string, number>>): OldMail {
  const mail = new Map<string, OldMessage[]>();
  for (const [folder, count] of Object.entries(counts)) {
    const messages: OldMessage[] = [];
    for (let i = 0; i < count; i++)
      messages.push(i % 50 === 49 ? (messages.at(-1) ?? oldMessage(folder, i)) : oldMessage(folder, i));
    mail.set(folder, messages);
  }
  return mail;
}

const LETTERS: readonly (readonly [letter: string, bit: number])[] = [
  ["S", 1],
  ["R", 2],
  ["F", 4],
  ["T", 8],
  ["D", 16],
];

const line = (hash: string, system: number, keywords: readonly string[], date_ms: number): string =>
  `${hash} ${system} ${keywords.join(",")} ${new Date(date_ms).toISOString()}`;

/** One sorted line a message: content, flags, keywords, date. */
export const wantedLines = (messages: readonly OldMessage[]): string[] =>
  messages
    .map(({ octets, flags, date_ms }) => {
      const system = LETTERS.reduce((sum, [letter, bit]) => sum + (flags.includes(letter) ? bit : 0), 0);
      const keywords = [
        ...(flags.includes("a") ? ["$Forwarded"] : []),
        ...(flags.includes("b") ? ["Work"] : []),
      ];
      return line(createHash("sha256").update(octets).digest("hex"), system, keywords, date_ms);
    })
    .sort();

/** The same of a mailbox here, octets read back from disk. */
export async function foundLines(store: Store, login: string, mailbox: string): Promise<string[]> {
  const account = await store.directory.accountByLogin(login);
  const row = account && (await store.mail.mailboxByName(account.id, mailbox));
  if (row === undefined) return [];
  const lines: string[] = [];
  for await (const rows of store.mail.messages(row.id, await store.mail.uids(row.id)))
    for (const { blob, flags, internalDate_ms } of rows) {
      const octets = (await store.mail.octets(blob)) ?? Buffer.alloc(0);
      const hash = createHash("sha256").update(octets).digest("hex");
      lines.push(line(hash, flags.system, flags.keywords, internalDate_ms));
    }
  return lines.sort();
}
