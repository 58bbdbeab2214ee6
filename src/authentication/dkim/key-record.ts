import { createPublicKey, type KeyObject } from "node:crypto";
import { asciiLower } from "../../base/ascii.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SigningAlgorithm } from "./algorithm.ts";
import { DKIM_LIMITS } from "./limits.ts";
import { colonList, decodeBase64Tag, parseTagList, withoutSpace } from "./tag-list.ts";

export type DkimKey = {
  readonly type: "rsa" | "ed25519";
  readonly publicKey: KeyObject;
  readonly bits: number;
  /** t=y: the owner is only testing. */
  readonly testing: boolean;
  /** t=s: i= must be of d= itself. */
  readonly strict: boolean;
};

export type KeyProblem =
  | "key-syntax"
  | "key-revoked"
  | "key-type"
  | "key-hash"
  | "key-service"
  | "key-too-short"
  | "key-too-long";

/** SubjectPublicKeyInfo of Ed25519 up to the key. RFC 8410 §4 */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const ED25519_OCTETS = 32;

/**
 * One key record as it stands in the DNS, if it serves this algorithm for mail. RFC 6376 §3.6.1, RFC 8463 §4
 *
 *   key-k-tag = %x6b [FWS] "=" [FWS] key-k-tag-type, and so on for v, h, n, p, s, t
 */
export function parseKeyRecord(text: string, algorithm: SigningAlgorithm): Result<DkimKey, KeyProblem> {
  if (text.length > DKIM_LIMITS.keyRecordOctetsMax) return err("key-too-long");
  const tags = parseTagList(text);
  const p = tags?.get("p")?.value;
  if (tags === undefined || p === undefined) return err("key-syntax");
  const version = tags.get("v");
  const [first] = tags.keys();
  if (version !== undefined && (version.value !== "DKIM1" || first !== "v")) return err("key-syntax");
  if (withoutSpace(p) === "") return err("key-revoked");
  const type = asciiLower(tags.get("k")?.value ?? "rsa");
  if (`${type}-sha256` !== algorithm) return err("key-type");
  const hashes = tags.get("h")?.value;
  if (hashes !== undefined && !colonList(asciiLower(hashes)).includes("sha256")) return err("key-hash");
  const services = colonList(asciiLower(tags.get("s")?.value ?? "*"));
  if (!services.includes("*") && !services.includes("email")) return err("key-service");
  const flags = colonList(asciiLower(tags.get("t")?.value ?? ""));
  const octets = decodeBase64Tag(p);
  if (octets === undefined) return err("key-syntax");
  const key = algorithm === "rsa-sha256" ? readRsaKey(octets) : readEd25519Key(octets);
  if (!key.ok) return key;
  return ok({ ...key.value, testing: flags.includes("y"), strict: flags.includes("s") });
}

type BareKey = Pick<DkimKey, "type" | "publicKey" | "bits">;

/** A SubjectPublicKeyInfo, or the bare key older tools publish. RFC 6376 §3.6.1 with erratum 3017, RFC 8301 §3.2 */
function readRsaKey(octets: Buffer): Result<BareKey, KeyProblem> {
  if (octets.length > DKIM_LIMITS.keyOctetsMax) return err("key-too-long");
  const publicKey = derKey(octets, "spki") ?? derKey(octets, "pkcs1");
  const { modulusLength: bits, publicExponent } = publicKey?.asymmetricKeyDetails ?? {};
  if (publicKey?.asymmetricKeyType !== "rsa" || bits === undefined) return err("key-syntax");
  if (bits < DKIM_LIMITS.rsaBitsMin) return err("key-too-short");
  if (bits > DKIM_LIMITS.rsaBitsMax || (publicExponent ?? 0n) > DKIM_LIMITS.rsaExponentMax) {
    return err("key-too-long");
  }
  return ok({ type: "rsa", publicKey, bits });
}

function readEd25519Key(octets: Buffer): Result<BareKey, KeyProblem> {
  if (octets.length !== ED25519_OCTETS) return err("key-syntax");
  const publicKey = derKey(Buffer.concat([ED25519_PREFIX, octets]), "spki");
  return publicKey ? ok({ type: "ed25519", publicKey, bits: 256 }) : err("key-syntax");
}

/** OpenSSL tells by an exception that octets are no key. */
function derKey(key: Buffer, type: "spki" | "pkcs1"): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: "der", type });
  } catch {
    return undefined;
  }
}
