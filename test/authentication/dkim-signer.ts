/** Signatures as nobody should write them, for tests of the verifier. */
import { generateKeyPairSync } from "node:crypto";
import { signOctets, type SigningAlgorithm } from "../../src/authentication/dkim/algorithm.ts";
import { bodyHashes } from "../../src/authentication/dkim/body-hash.ts";
import type { Canonicalization } from "../../src/authentication/dkim/canonical.ts";
import { keyRecord, type SigningKey } from "../../src/authentication/dkim/key-pair.ts";
import {
  fieldText,
  signedData,
  splitMessage,
  withoutSignature,
} from "../../src/authentication/dkim/signed-data.ts";
import { parseTagList } from "../../src/authentication/dkim/tag-list.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { fields } from "../../src/message/header.ts";

export const NOW_MS = 1_700_000_000_000;

export function newKey(algorithm: SigningAlgorithm, selector: string, bits = 1_024): SigningKey {
  const { privateKey } =
    algorithm === "rsa-sha256"
      ? generateKeyPairSync("rsa", { modulusLength: bits })
      : generateKeyPairSync("ed25519");
  return { domain: parseDomain("example.org") as Domain, selector, algorithm, privateKey };
}

export const zoneOf = (...keys: readonly SigningKey[]): Record<string, string> =>
  Object.fromEntries(keys.map(keyRecord).map(({ name, text }) => [name, text]));

/**
 * The message behind a signature with these tags, right in itself; null leaves a tag out. What h=, c= and l= say is
 * what is signed, whatever else the tags claim.
 */
export async function craft(
  message: Buffer,
  key: SigningKey,
  changes: Readonly<Record<string, string | null>> = {},
): Promise<Buffer> {
  const { c = "relaxed/relaxed", h = "from:subject", l } = changes;
  const [header, body = "simple"] = (c ?? "simple/simple").split("/") as Canonicalization[];
  const scope = {
    canonicalization: body === "relaxed" ? body : ("simple" as const),
    ...(l === undefined || l === null ? {} : { bodyLength: Number(l) }),
  };
  const split = splitMessage(message);
  const hashed = (await bodyHashes(split.body, [scope]))(scope);
  const all = {
    v: "1",
    a: key.algorithm,
    c,
    d: key.domain as string,
    s: key.selector,
    h,
    bh: hashed?.digest.toString("base64") ?? "AAAA",
    b: "",
    ...changes,
  };
  const value = Object.entries(all)
    .filter(([, text]) => text !== null)
    .map(([name, text]) => `${name}=${text}`)
    .join("; ");
  const field = Buffer.from(`DKIM-Signature: ${value}\r\n`, "latin1");
  const text = fieldText(field, [...fields(field)][0] as never);
  const tags = parseTagList(text.text.slice(text.valueStart)) ?? new Map();
  const kind = header === "relaxed" ? "relaxed" : "simple";
  const canonical = withoutSignature(text, tags, kind);
  const names = (h ?? "").toLowerCase().split(":");
  const b = signOctets(key.algorithm, signedData(split, names, kind, { canonical }), key.privateKey);
  const at = field.indexOf("; b=") + 4;
  return Buffer.concat([
    field.subarray(0, at),
    Buffer.from(b.toString("base64")),
    field.subarray(at),
    message,
  ]);
}
