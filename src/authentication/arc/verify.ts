import { setImmediate } from "node:timers/promises";
import type { Dns } from "../../dns/answer.ts";
import { verifyOctets } from "../dkim/algorithm.ts";
import { bodyHashes, type BodyHash, type BodyScope } from "../dkim/body-hash.ts";
import { KeyFinder } from "../dkim/key-finder.ts";
import { DKIM_LIMITS } from "../dkim/limits.ts";
import {
  parseKeyedSignature,
  parseMessageSignature,
  timeProblem,
  type MessageSignature,
} from "../dkim/signature.ts";
import { splitMessage, withoutSignature, type SignedMessage } from "../dkim/signed-data.ts";
import { bodyScope, messageSignatureProblem } from "../dkim/verify.ts";
import type { ArcResult } from "../results.ts";
import { Budget, type Within } from "../timed-dns.ts";
import { collectChain, type ArcSet } from "./chain.ts";
import { sealData } from "./seal-data.ts";

/** One check of one message. */
type Check = {
  readonly message: SignedMessage;
  readonly keys: KeyFinder;
  readonly now_ms: number;
  readonly bodyHash: (scope: BodyScope) => BodyHash | undefined;
};

/**
 * What the chain of intermediaries is worth. Every failure is final, also of the DNS (RFC 8617 §5.2.1). Ends within 20
 * seconds or when the signal says so. A pass says who sealed last, not that he can be believed. RFC 8617 §5.2; C-25
 */
export const verifyChain = (octets: Buffer, dns: Dns, options: ChainOptions): Promise<ArcResult> =>
  verifyChainOf(splitMessage(octets), dns, options);

export type ChainOptions = { readonly now_ms: number; readonly signal?: Within };

/** The same for who has split the message already. */
export async function verifyChainOf(
  message: SignedMessage,
  dns: Dns,
  options: ChainOptions,
): Promise<ArcResult> {
  const chain = collectChain(message);
  if (chain.sets === undefined) return fail(chain.instances, chain.problem ?? "structure");
  const newest = chain.sets.at(-1);
  if (newest === undefined) return { result: "none", instances: 0 };
  const signatures = chain.sets.map((set) => parseSetSignature(set));
  const scopes = signatures.flatMap((signature) =>
    typeof signature === "string" ? [] : [bodyScope(signature)],
  );
  using budget = new Budget(DKIM_LIMITS.budget_ms, options.signal);
  const check: Check = {
    message,
    keys: new KeyFinder(dns, budget),
    now_ms: options.now_ms,
    bodyHash: await bodyHashes(message.body, scopes),
  };
  const problem = await setProblem(check, newest, signatures.at(-1) ?? "syntax");
  if (problem !== undefined) return fail(chain.instances, `message-${problem}`, newest);
  const oldestPass = await lowestWhole(check, chain.sets, signatures);
  const sealed = await sealsProblem(check, chain.sets);
  if (sealed !== undefined) return fail(chain.instances, `seal-${sealed}`, newest);
  return { result: "pass", instances: chain.instances, ...sealer(newest), oldestPass };
}

function fail(instances: number, problem: string, newest?: ArcSet): ArcResult {
  return { result: "fail", instances, problem, ...sealer(newest) };
}

function sealer(set: ArcSet | undefined): { readonly sealer?: string } {
  const seal = set && parseKeyedSignature(set.seal.tags);
  return seal?.ok ? { sealer: seal.value.domain } : {};
}

/**
 * h= never names a seal: the seal is written after it. RFC 8617 §4.1.2
 * Deviation: without c= relaxed/relaxed is meant, not DKIM's simple/simple; so the suite and all who follow it.
 */
function parseSetSignature(set: ArcSet): MessageSignature | string {
  const parsed = parseMessageSignature(set.messageSignature.tags, "relaxed/relaxed");
  if (!parsed.ok) return parsed.error;
  return parsed.value.signedNames.includes("arc-seal") ? "signs-seal" : parsed.value;
}

async function setProblem(
  check: Check,
  set: ArcSet,
  signature: MessageSignature | string,
): Promise<string | undefined> {
  if (typeof signature === "string") return signature;
  const time = timeProblem(signature, check.now_ms);
  if (time !== undefined) return time;
  const key = await check.keys.find(signature.keyName, signature.algorithm);
  if (!key.ok) return key.error.problem;
  const body = check.bodyHash(bodyScope(signature));
  await setImmediate();
  return messageSignatureProblem(check.message, set.messageSignature, signature, key.value, body);
}

/** Step 5: down from the newest set, which holds, to the last that does; 0 where all do. */
async function lowestWhole(
  check: Check,
  sets: readonly ArcSet[],
  signatures: readonly (MessageSignature | string)[],
): Promise<number> {
  for (const [i, set] of [...sets.entries()].slice(0, -1).toReversed()) {
    const problem = await setProblem(check, set, signatures[i] ?? "syntax");
    if (problem !== undefined) return set.instance + 1;
  }
  return 0;
}

/** Step 6: from the newest seal to the first. */
async function sealsProblem(check: Check, sets: readonly ArcSet[]): Promise<string | undefined> {
  for (const [i, set] of [...sets.entries()].toReversed()) {
    const problem = await sealProblem(check, sets.slice(0, i), set);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function sealProblem(
  check: Check,
  before: readonly ArcSet[],
  set: ArcSet,
): Promise<string | undefined> {
  const { seal, results, messageSignature } = set;
  // RFC 8617 §4.1.3: what a seal signs is not for it to say.
  if (seal.tags.has("h")) return "names-fields";
  const parsed = parseKeyedSignature(seal.tags);
  if (!parsed.ok) return parsed.error;
  const { keyName, algorithm, signature } = parsed.value;
  const key = await check.keys.find(keyName, algorithm);
  if (!key.ok) return key.error.problem;
  const data = sealData(before, {
    results: results.text,
    messageSignature: messageSignature.text,
    seal: withoutSignature(seal.text, seal.tags, "relaxed"),
  });
  return verifyOctets(algorithm, data, key.value.publicKey, signature) ? undefined : "signature";
}
