import { signOctets } from "./algorithm.ts";
import { relaxedBodyHash } from "./body-hash.ts";
import { canonicalField } from "./canonical.ts";
import type { SigningKey } from "./key-pair.ts";
import { signedData, splitMessage, type SignedMessage } from "./signed-data.ts";
import { writeTags, type TagToWrite } from "./tag-writer.ts";

export type SignOptions = {
  readonly now_ms: number;
  /** x= so much later; without it a signature does not end. */
  readonly lifetime_s?: number;
};

/**
 * Named once more than they occur, also if they do not occur: nobody can add one that a reader would take for ours.
 * RFC 6376 §5.4.1, §8.15
 */
const OVERSIGNED = [
  "From",
  "Subject",
  "Date",
  "To",
  "Cc",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
];
/** Named once more if they occur; lists and relays may add them where they are missing. */
const SINGLE = ["Sender", "Reply-To", "Message-ID", "In-Reply-To", "References"];
/** Named as often as they occur. RFC 6376 §5.4.1, RFC 8058 §4; C-28 */
const AS_FOUND = [
  "Content-ID",
  "Content-Description",
  "Content-Disposition",
  "Resent-Date",
  "Resent-From",
  "Resent-To",
  "Resent-Cc",
  "Resent-Message-ID",
  "List-Id",
  "List-Help",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "List-Subscribe",
  "List-Post",
  "List-Owner",
  "List-Archive",
];
/** Fields of one name that are signed; a message with more has other troubles. */
const SAME_NAME_MAX = 20;

/**
 * The DKIM-Signature fields to stand before the message, one per key, in the order of the keys: relaxed/relaxed, no l=,
 * From over-signed. Nothing of the message may change afterwards. An Ed25519 key without an RSA key of its domain writes
 * none, for half the world would call the message forged (C-08); nor does a header longer than verifiers read.
 * RFC 6376 §5, RFC 8463; C-07
 */
export function signMessage(octets: Buffer, keys: readonly SigningKey[], options: SignOptions): Buffer {
  const rsaDomains = new Set(keys.filter((key) => key.algorithm === "rsa-sha256").map((key) => key.domain));
  const usable = keys.filter((key) => rsaDomains.has(key.domain));
  const message = splitMessage(octets);
  if (usable.length === 0 || message.tooLong) return Buffer.alloc(0);
  const names = namesToSign(message);
  const bodyHash = relaxedBodyHash(message.body).toString("base64");
  return Buffer.concat(usable.map((key) => signatureField(message, key, names, bodyHash, options)));
}

/** h= for a message: every field a reader sees or a program acts on. */
export function namesToSign(message: SignedMessage): string[] {
  const times = (name: string): number =>
    Math.min(message.fields.get(name.toLowerCase())?.length ?? 0, SAME_NAME_MAX);
  const named = (name: string, count: number): string[] => Array.from({ length: count }, () => name);
  return [
    ...OVERSIGNED.flatMap((name) => named(name, times(name) + 1)),
    ...SINGLE.flatMap((name) => (times(name) > 0 ? named(name, times(name) + 1) : [])),
    ...AS_FOUND.flatMap((name) => named(name, times(name))),
  ];
}

function signatureField(
  message: SignedMessage,
  key: SigningKey,
  names: readonly string[],
  bodyHash: string,
  { now_ms, lifetime_s }: SignOptions,
): Buffer {
  const now_s = Math.floor(now_ms / 1000);
  const tags: TagToWrite[] = [
    ["v", "1"],
    ["a", key.algorithm],
    ["c", "relaxed/relaxed"],
    ["d", key.domain],
    ["s", key.selector],
    ["t", String(now_s)],
    ...(lifetime_s === undefined ? [] : [["x", String(now_s + lifetime_s)] as const]),
    ["h", names.join(":")],
    ["bh", bodyHash],
    ["b", ""],
  ];
  return signedField("DKIM-Signature", tags, key, (canonical) =>
    signedData(message, names.map(lowerCase), "relaxed", { canonical }),
  );
}

const lowerCase = (name: string): string => name.toLowerCase();

/** Writes a field with empty b=, signs what `data` makes of its canonical form, and fills b= in. RFC 6376 §5.5, §5.6 */
export function signedField(
  fieldName: string,
  tags: readonly TagToWrite[],
  key: SigningKey,
  data: (canonical: string) => Buffer,
): Buffer {
  const canonical = canonicalField("relaxed", writeTags(fieldName, tags), fieldName.length);
  const signature = signOctets(key.algorithm, data(canonical), key.privateKey).toString("base64");
  const filled = tags.map((tag): TagToWrite => (tag[0] === "b" ? ["b", signature] : tag));
  return Buffer.from(`${writeTags(fieldName, filled)}\r\n`, "latin1");
}
