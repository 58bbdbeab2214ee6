import { parseDomain } from "../base/domain-name.ts";
import type { Dns } from "./answer.ts";

/** What is asked of a resolver to see whether it validates. */
export type ResolverNames = {
  /** A signed zone: its answer must come with the AD bit. */
  readonly signed: string;
  /** A name whose signatures are wrong on purpose: it must not be answered. */
  readonly bogus: string;
};

/** `unknown` is not `validates`: without an answer nothing is proved. */
export type ResolverVerdict = {
  readonly kind: "validates" | "does-not-validate" | "unknown";
  readonly detail: string;
};

/**
 * Does the resolver check signatures (RFC 4035 §4, RFC 7672 §2.2)? One that sets AD on everything is found by the bogus
 * name, one that forwards without checking by either. T-48
 */
export async function examineResolver(
  dns: Dns,
  names: ResolverNames,
  signal?: AbortSignal,
): Promise<ResolverVerdict> {
  const [signed, bogus] = await Promise.all([
    askSigned(dns, names.signed, signal),
    askBogus(dns, names.bogus, signal),
  ]);
  const verdicts = [signed, bogus];
  return (
    verdicts.find(({ kind }) => kind === "does-not-validate") ??
    verdicts.find(({ kind }) => kind === "unknown") ?? {
      kind: "validates",
      detail: `${signed.detail}; ${bogus.detail}`,
    }
  );
}

async function askSigned(dns: Dns, text: string, signal?: AbortSignal): Promise<ResolverVerdict> {
  const name = parseDomain(text);
  if (name === undefined) return unknown(`${text} is not a name`);
  const answer = await dns.query(name, "NS", signal);
  if (answer.kind === "failure") return unknown(`no answer for ${name} NS (${answer.reason})`);
  if (answer.kind !== "records") return unknown(`${name} has no NS records here`);
  return answer.authenticated
    ? { kind: "validates", detail: `${name} is authenticated` }
    : fails(`${name} is signed, and the answer is not marked as authenticated by a resolver on this machine`);
}

async function askBogus(dns: Dns, text: string, signal?: AbortSignal): Promise<ResolverVerdict> {
  const name = parseDomain(text);
  if (name === undefined) return unknown(`${text} is not a name`);
  const answer = await dns.query(name, "A", signal);
  if (answer.kind !== "failure") return fails(`${name} has wrong signatures and is answered all the same`);
  return answer.reason === "servfail"
    ? { kind: "validates", detail: `${name} is refused` }
    : unknown(`no answer for ${name} A (${answer.reason})`);
}

const unknown = (detail: string): ResolverVerdict => ({ kind: "unknown", detail });
const fails = (detail: string): ResolverVerdict => ({ kind: "does-not-validate", detail });
