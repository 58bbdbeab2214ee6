import { asciiLower, isAscii } from "../../base/ascii.ts";
import { parseDomain, type Domain } from "../../base/domain-name.ts";
import { remembered } from "../../base/remembered.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { isSigningAlgorithm, type SigningAlgorithm } from "./algorithm.ts";
import type { Canonicalization } from "./canonical.ts";
import { DKIM_LIMITS } from "./limits.ts";
import { colonList, decodeBase64Tag, withoutSpace, type TagList } from "./tag-list.ts";

/** Where the key is and what it signed with: every signature of DKIM and ARC says this. */
export type KeyedSignature = {
  readonly algorithm: SigningAlgorithm;
  readonly signature: Buffer;
  readonly domain: Domain;
  readonly selector: string;
  /** selector._domainkey.domain */
  readonly keyName: Domain;
  readonly signed_s?: number;
  readonly expires_s?: number;
};

/** What DKIM-Signature and ARC-Message-Signature have in common. */
export type MessageSignature = KeyedSignature & {
  readonly canonicalization: { readonly header: Canonicalization; readonly body: Canonicalization };
  /** h= in lower case. */
  readonly signedNames: readonly string[];
  readonly bodyHash: Buffer;
  readonly bodyLength?: number;
};

export type DkimSignature = MessageSignature & {
  /** i=, or what it defaults to. */
  readonly identity: string;
  readonly identityDomain: Domain;
};

/** `syntax`, or the reason by name. */
export type SignatureProblem =
  | "syntax"
  | "version"
  | "algorithm"
  | "rsa-sha1"
  | "canonicalization"
  | "domain"
  | "identity"
  | "from-not-signed"
  | "query-method"
  | "expired";

type Parsed<T> = Result<T, SignatureProblem>;

/**
 * The value of a DKIM-Signature field. RFC 6376 §3.5, §6.1.1
 *
 *   sig-a-tag = %x61 [FWS] "=" [FWS] sig-a-tag-alg, and so on for v, b, bh, c, d, h, i, l, q, s, t, x, z
 */
export function parseDkimSignature(tags: TagList, place = keyPlace(tags)): Parsed<DkimSignature> {
  if (tags.get("v")?.value !== "1") return err("version");
  const parsed = parseMessageSignature(tags, "simple/simple", place);
  if (!parsed.ok) return parsed;
  const { signedNames, domain } = parsed.value;
  if (signedNames.includes("")) return err("syntax");
  if (!signedNames.includes("from")) return err("from-not-signed");
  const methods = tags.get("q")?.value ?? "dns/txt";
  if (!colonList(methods).some((method) => asciiLower(method) === "dns/txt")) return err("query-method");
  const given = tags.get("i")?.value;
  if (given === undefined) return ok({ ...parsed.value, identity: `@${domain}`, identityDomain: domain });
  const identity = decodeUtf8(withoutSpace(given)) ?? "";
  const at = identity.lastIndexOf("@");
  const identityDomain = parseDomain(identity.slice(at + 1));
  if (at < 0 || identity.length > DKIM_LIMITS.identityMax || identityDomain === undefined)
    return err("identity");
  if (identityDomain !== domain && !identityDomain.endsWith(`.${domain}`)) return err("identity");
  return ok({ ...parsed.value, identity, identityDomain });
}

/**
 * The tags both kinds of message signature share; h= may be empty or hold empty names. `usual` is c= where it is not
 * said. RFC 6376 §3.5, RFC 8617 §4.1.2
 */
export function parseMessageSignature(
  tags: TagList,
  usual: string,
  place = keyPlace(tags),
): Parsed<MessageSignature> {
  const keyed = parseKeyedSignature(tags, place);
  if (!keyed.ok) return keyed;
  const canonicalization = parseCanonicalization(tags.get("c")?.value ?? usual);
  if (canonicalization === undefined) return err("canonicalization");
  const names = tags.get("h")?.value;
  const bodyHash = decodeBase64Tag(tags.get("bh")?.value ?? "");
  if (names === undefined || bodyHash === undefined) return err("syntax");
  const signedNames = signedNamesIn(names);
  if (signedNames.length > DKIM_LIMITS.signedNamesMax) return err("syntax");
  const bodyLength = readNumber(tags, "l", 76);
  if (bodyLength === "syntax") return err("syntax");
  return ok({
    ...keyed.value,
    canonicalization,
    signedNames,
    bodyHash,
    ...(bodyLength === undefined ? {} : { bodyLength }),
  });
}

const namesIn = (list: string): readonly string[] => colonList(list).map(asciiLower);

/** A signer names the same fields in each of its messages; only a strange one names more than are kept. */
const signedNamesIn = (list: string): readonly string[] =>
  list.length > NAMES_KEPT_LENGTH ? namesIn(list) : NAMES(["h", list].join("="));

const NAMES_KEPT_LENGTH = 512;
/** Joined, the key is a text of its own and keeps no message alive. */
const NAMES = remembered(500, (tag) => namesIn(tag.slice(2)));

/** a=, b=, d=, s=, t= and x=; `place`: where that was read already. RFC 6376 §3.5, RFC 8617 §4.1.3 */
export function parseKeyedSignature(tags: TagList, place = keyPlace(tags)): Parsed<KeyedSignature> {
  const algorithm = tags.get("a")?.value;
  if (algorithm === "rsa-sha1") return err("rsa-sha1");
  if (algorithm === undefined || !isSigningAlgorithm(algorithm)) return err("algorithm");
  const signature = decodeBase64Tag(tags.get("b")?.value ?? "");
  if (signature === undefined) return err("syntax");
  if (place === undefined) return err("domain");
  const signed_s = readNumber(tags, "t", DKIM_LIMITS.timestampDigitsMax);
  const expires_s = readNumber(tags, "x", DKIM_LIMITS.timestampDigitsMax);
  if (signed_s === "syntax" || expires_s === "syntax") return err("syntax");
  if (signed_s !== undefined && expires_s !== undefined && expires_s <= signed_s) return err("expired");
  return ok({
    algorithm,
    signature,
    ...place,
    ...(signed_s === undefined ? {} : { signed_s }),
    ...(expires_s === undefined ? {} : { expires_s }),
  });
}

/** Domain and selector, if together they are a name that may be asked for. */
export const keyPlace = (tags: TagList): KeyPlace | undefined =>
  PLACES([tags.get("d")?.value ?? "", tags.get("s")?.value ?? ""].join("\0"));

type KeyPlace = Pick<KeyedSignature, "domain" | "selector" | "keyName">;

/** Signers have few keys. No tag holds a NUL; joined, the key keeps no message alive. */
const PLACES = remembered(1_000, (text) => {
  const [domain = "", selector = ""] = text.split("\0");
  return placeOf(domain, selector);
});

function placeOf(domainTag: string, selectorTag: string): KeyPlace | undefined {
  const domain = parseDomainTag(domainTag);
  const selector = decodeUtf8(selectorTag);
  if (domain === undefined || selector === undefined || selector === "") return undefined;
  const keyName = parseDomain(`${selector}._domainkey.${domain}`);
  if (keyName === undefined) return undefined;
  return { domain, selector: keyName.slice(0, -"._domainkey.".length - domain.length), keyName };
}

/** RFC 6376 §6.1.1, §3.5: no signature from the far future, none that is over. */
export function timeProblem(signature: KeyedSignature, now_ms: number): "expired" | "future" | undefined {
  const now_s = now_ms / 1000;
  if (signature.expires_s !== undefined && signature.expires_s < now_s) return "expired";
  const { signed_s } = signature;
  return signed_s !== undefined && signed_s > now_s + DKIM_LIMITS.futureTolerance_s ? "future" : undefined;
}

/** sig-c-tag-alg = ("simple" / "relaxed" / x-sig-c-tag-alg) ["/" body algorithm]; the body's default is simple. */
function parseCanonicalization(value: string): MessageSignature["canonicalization"] | undefined {
  const [header = "", body = "simple", ...more] = asciiLower(withoutSpace(value)).split("/");
  if (more.length > 0 || !isCanonicalization(header) || !isCanonicalization(body)) return undefined;
  return { header, body };
}

const isCanonicalization = (text: string): text is Canonicalization =>
  text === "simple" || text === "relaxed";

function readNumber(tags: TagList, name: string, digitsMax: number): number | "syntax" | undefined {
  const value = tags.get(name)?.value;
  if (value === undefined) return undefined;
  return value.length <= digitsMax && /^[0-9]+$/.test(value) ? Number(value) : "syntax";
}

/** U-labels are allowed in d=, i= and s=. RFC 8616 §3 */
function parseDomainTag(value: string): Domain | undefined {
  const text = decodeUtf8(value);
  return text === undefined ? undefined : parseDomain(text);
}

function decodeUtf8(octets: string): string | undefined {
  if (isAscii(octets)) return octets;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(octets, "latin1"));
  } catch {
    return undefined;
  }
}
