import { timingSafeEqual } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { allHere, whenHere, type Soon } from "../../base/soon.ts";
import type { Dns } from "../../dns/answer.ts";
import type { Field } from "../../message/header.ts";
import type { DkimResult } from "../results.ts";
import { Budget, type Within } from "../timed-dns.ts";
import { verifyOctets } from "./algorithm.ts";
import { bodyHashes, type BodyHash, type BodyScope } from "./body-hash.ts";
import { KeyFinder } from "./key-finder.ts";
import type { DkimKey } from "./key-record.ts";
import { DKIM_LIMITS } from "./limits.ts";
import {
  keyPlace,
  parseDkimSignature,
  timeProblem,
  type DkimSignature,
  type MessageSignature,
  type SignatureProblem,
} from "./signature.ts";
import { dataSignedBy, fieldTags, fieldText, splitMessage } from "./signed-data.ts";
import type { SignedMessage } from "./signed-data.ts";
import { isSpace, parseTagList, type TagList } from "./tag-list.ts";

export type VerifyOptions = {
  readonly now_ms: number;
  /** At most `DKIM_LIMITS.signaturesMax`. */
  readonly signaturesMax?: number;
  readonly signal?: Within;
};

/**
 * What every DKIM-Signature of a message is worth, from top to bottom; none: the message is not signed. Only so many are
 * looked at (C-10). Ends within 20 seconds or when the signal says so, as `temperror`. RFC 6376 §6.1; C-09
 */
export const verifySignatures = (
  octets: Buffer,
  dns: Dns,
  options: VerifyOptions,
): Promise<readonly DkimResult[]> => verifyAll(splitMessage(octets), dns, options);

/** The same for who has split the message already. */
export async function verifyAll(
  message: SignedMessage,
  dns: Dns,
  options: VerifyOptions,
): Promise<readonly DkimResult[]> {
  const signatures = (message.fields.get("dkim-signature") ?? []).slice(0, DKIM_LIMITS.reportedMax);
  if (signatures.length === 0) return [];
  const looked = Math.min(options.signaturesMax ?? DKIM_LIMITS.signaturesMax, DKIM_LIMITS.signaturesMax);
  const candidates = signatures.map((field, i) =>
    i < looked
      ? readCandidate(message, field, options.now_ms)
      : unread(message, field, "too-many-signatures"),
  );
  using budget = new Budget(DKIM_LIMITS.budget_ms, options.signal);
  const keys = new KeyFinder(dns, budget);
  const keyed = await allHere(candidates.map((candidate) => findKey(candidate, keys)));
  const bodyHash = await bodyHashes(message.body, keyed.flatMap(scopeOf));
  const results: DkimResult[] = [];
  for (const [i, candidate] of keyed.entries()) {
    if (!("decided" in candidate) && (i > 0 || takesLong(message))) await setImmediate();
    results.push(conclude(message, candidate, bodyHash));
  }
  return results;
}

/** A header of a megabyte takes some 30 ms for each signature: others get their turn before. */
export const takesLong = ({ octets, body }: SignedMessage): boolean =>
  octets.length - body.length > DKIM_LIMITS.turnHeaderOctets;

/** Header data hashed with the key, body hash compared; `undefined`: the signature holds. RFC 6376 §6.1.3 */
export function messageSignatureProblem(
  message: SignedMessage,
  own: { readonly field: Field; readonly tags: TagList },
  signature: MessageSignature,
  key: DkimKey,
  body: BodyHash | undefined,
): "body-hash" | "signature" | "body-length" | undefined {
  // Longer than the body is as wrong as shorter. RFC 6376 §3.5
  if (body === undefined) return "body-length";
  if (!isSame(body.digest, signature.bodyHash)) return "body-hash";
  const { header } = signature.canonicalization;
  const data = dataSignedBy(message, signature.signedNames, header, own);
  if (!verifyOctets(signature.algorithm, data, key.publicKey, signature.signature)) return "signature";
  return body.uncovered > 0 ? "body-length" : undefined;
}

/** c= and l= as the body hash wants them. */
export const bodyScope = ({ canonicalization, bodyLength }: MessageSignature): BodyScope => ({
  canonicalization: canonicalization.body,
  ...(bodyLength === undefined ? {} : { bodyLength }),
});

const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** A signature on its way: decided, or with what is needed to decide it. */
type Candidate = { readonly decided: DkimResult } | Readable;
type Readable = {
  readonly field: Field;
  readonly tags: TagList;
  readonly signature: DkimSignature;
  readonly report: Report;
  readonly key?: DkimKey;
};
type Report = Pick<DkimResult, "domain" | "selector" | "identity" | "algorithm" | "signatureStart">;

function readCandidate(message: SignedMessage, field: Field, now_ms: number): Candidate {
  const tags = parseTagList(fieldTags(fieldText(message.octets, field)));
  const place = tags && keyPlace(tags);
  const report = describe(tags, place);
  if (message.tooLong) return decided(report, "policy", "header-too-long");
  if (tags === undefined) return decided(report, "permerror", "syntax");
  const parsed = parseDkimSignature(tags, place);
  if (!parsed.ok) return decided(report, RESULTS[parsed.error] ?? "permerror", parsed.error);
  const from = message.fields.get("from")?.length ?? 0;
  // Two From fields: one was verified, the other is shown. RFC 6376 §8.15; C-13
  if (from !== 1) return decided(report, "policy", from === 0 ? "no-from" : "several-from");
  const signature = parsed.value;
  const time = timeProblem(signature, now_ms);
  if (time !== undefined) return decided(report, time === "expired" ? "fail" : "policy", time);
  return { field, tags, signature, report: { ...report, identity: signature.identity } };
}

/** Everything else cannot be read at all: `permerror`. */
const RESULTS: { readonly [problem in SignatureProblem]?: DkimResult["result"] } = {
  "rsa-sha1": "policy",
  expired: "fail",
};

function unread(message: SignedMessage, field: Field, problem: string): Candidate {
  const tags = parseTagList(fieldTags(fieldText(message.octets, field)));
  return decided(describe(tags, tags && keyPlace(tags)), "policy", problem);
}

/** What a report can say of a signature, right or wrong. */
function describe(tags: TagList | undefined, place: ReturnType<typeof keyPlace>): Report {
  const algorithm = tags?.get("a")?.value;
  return {
    domain: place?.domain ?? "",
    selector: place?.selector ?? "",
    ...(algorithm !== undefined && /^[a-zA-Z0-9-]{1,40}$/.test(algorithm) ? { algorithm } : {}),
    signatureStart: startOf(tags?.get("b")?.value ?? "").replace(/[^A-Za-z0-9+/=]/g, "?"),
  };
}

/** Characters of b= that tell signatures apart. RFC 6008 */
const START_OCTETS = 8;

/** The first characters that are no white space. */
function startOf(value: string): string {
  let start = "";
  for (let i = 0; i < value.length && start.length < START_OCTETS; i++)
    if (!isSpace(value.charCodeAt(i))) start += value.charAt(i);
  return start;
}

const decided = (
  report: Report,
  result: DkimResult["result"],
  problem: string,
): { readonly decided: DkimResult } => ({ decided: { ...report, result, problem, testing: false } });

function findKey(candidate: Candidate, keys: KeyFinder): Soon<Candidate> {
  if ("decided" in candidate) return candidate;
  const { signature, report } = candidate;
  return whenHere(keys.find(signature.keyName, signature.algorithm), (key) => {
    if (!key.ok) return decided(report, key.error.result, key.error.problem);
    // RFC 6376 §3.6.1: t=s
    if (key.value.strict && signature.identityDomain !== signature.domain) {
      return decided(report, "permerror", "identity");
    }
    return { ...candidate, key: key.value };
  });
}

const scopeOf = (candidate: Candidate): BodyScope[] =>
  "decided" in candidate ? [] : [bodyScope(candidate.signature)];

function conclude(
  message: SignedMessage,
  candidate: Candidate,
  bodyHash: (scope: BodyScope) => BodyHash | undefined,
): DkimResult {
  if ("decided" in candidate) return candidate.decided;
  const { signature, key, report } = candidate;
  if (key === undefined) throw new Error("a signature without key is decided before");
  const problem = messageSignatureProblem(message, candidate, signature, key, bodyHash(bodyScope(signature)));
  const known = { ...report, keyBits: key.bits, testing: key.testing };
  if (problem === undefined) return { ...known, result: "pass" };
  // l=: what stands behind it may be anybody's. RFC 6376 §8.2; C-11
  return { ...known, result: problem === "body-length" ? "policy" : "fail", problem };
}
