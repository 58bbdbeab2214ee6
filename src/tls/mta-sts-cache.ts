/** MTA-STS policies as they were last seen: what an attacker on the way cannot take back. RFC 8461 §3.3, §5.1, §10.2 */
import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { Clock } from "../base/clock.ts";
import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { Dns } from "../dns/answer.ts";
import type { FetchFailure, FetchPolicy } from "./mta-sts-fetch.ts";
import { parseMtaStsPolicy, policyLines, type MtaStsPolicy } from "./mta-sts-policy.ts";
import { mtaStsId } from "./mta-sts-record.ts";

/** Domains kept in memory; what falls out is still kept by `MtaStsMemory`. */
const DOMAINS_MAX = 10_000;
/** RFC 8461 §3.3: after a failed fetch five minutes of peace. */
const RETRY_MS = 300_000;
/** A policy is read anew after a day at the latest, so that it is still valid when the DNS is under attack. RFC 8461 §10.2 */
const REFRESH_MS = 86_400_000;

/** Where policies outlive the process: two functions of a table of texts. */
export type MtaStsMemory = {
  get(domain: Domain): Promise<string | undefined>;
  put(domain: Domain, text: string): Promise<void>;
};

export type MtaStsFinding =
  /** `failure`: the domain announces a policy that could not be had, and none was known. */
  | { readonly kind: "none"; readonly failure?: FetchFailure }
  | {
      readonly kind: "policy";
      readonly policy: MtaStsPolicy;
    };

export interface MtaSts {
  /** The policy in force for mail to this domain. */
  policyFor(domain: string, signal?: AbortSignal): Promise<MtaStsFinding>;
}

export type MtaStsOptions = {
  readonly dns: Dns;
  readonly fetch: FetchPolicy;
  readonly clock: Clock;
  readonly memory: MtaStsMemory;
  readonly log: Log;
};

/** Asks the DNS whether the policy is still the one we know, and fetches it where it is not. */
export function mtaStsPolicies(options: MtaStsOptions): MtaSts {
  return new Policies(options);
}

type Known = { readonly id: string; readonly fetched_ms: number; readonly policy: MtaStsPolicy };
type Entry = {
  known: Known | undefined;
  failure: FetchFailure | undefined;
  notBefore_ms: number;
};

class Policies implements MtaSts {
  readonly #options: MtaStsOptions;
  readonly #entries = new Map<Domain, Promise<Entry>>();
  readonly #underWay = new Map<Domain, Promise<MtaStsFinding>>();

  constructor(options: MtaStsOptions) {
    this.#options = options;
  }

  policyFor(text: string, signal?: AbortSignal): Promise<MtaStsFinding> {
    const domain = parseDomain(text);
    if (domain === undefined) return Promise.resolve({ kind: "none" });
    const underWay = this.#underWay.get(domain);
    if (underWay !== undefined) return underWay;
    const finding = this.#find(domain, signal).finally(() => this.#underWay.delete(domain));
    this.#underWay.set(domain, finding);
    return finding;
  }

  async #find(domain: Domain, signal?: AbortSignal): Promise<MtaStsFinding> {
    const { dns, clock } = this.#options;
    const name = parseDomain(`_mta-sts.${domain}`);
    if (name === undefined) return { kind: "none" };
    const [entry, answer] = await Promise.all([this.#entry(domain), dns.query(name, "TXT", signal)]);
    const id = answer.kind === "records" ? mtaStsId(answer.records) : undefined;
    const now_ms = clock.now();
    // No record, or no answer, takes back nothing: only time and a newer policy do.
    if (id !== undefined && isWanted(entry, id, now_ms)) await this.#fetch(domain, id, entry, signal);
    if (entry.known === undefined || !isInForce(entry.known, clock.now())) {
      const failure = id === undefined ? undefined : entry.failure;
      return failure === undefined ? { kind: "none" } : { kind: "none", failure };
    }
    const { policy } = entry.known;
    return policy.mode === "none" ? { kind: "none" } : { kind: "policy", policy };
  }

  async #fetch(domain: Domain, id: string, entry: Entry, signal?: AbortSignal): Promise<void> {
    const { fetch, clock, memory, log } = this.#options;
    const fetched = await fetch(domain, signal);
    // Our own end says nothing about the domain.
    if (signal?.aborted === true && !fetched.ok) return;
    if (!fetched.ok) {
      entry.failure = fetched.error;
      entry.notBefore_ms = clock.now() + RETRY_MS;
      const { result, detail } = fetched.error;
      return log.write("warn", "mta-sts.fetch-failed", { domain, result, detail: printable(detail) });
    }
    entry.failure = undefined;
    entry.known = { id, fetched_ms: clock.now(), policy: fetched.value };
    const { mode, maxAge_s } = fetched.value;
    log.write("info", "mta-sts.fetched", { domain, id, mode, max_age_s: maxAge_s });
    try {
      await memory.put(domain, formatKnown(entry.known));
    } catch (error) {
      // Mail goes on with what is in memory.
      log.write("error", "mta-sts.not-kept", { domain, error: printable(String(error)) });
    }
  }

  #entry(domain: Domain): Promise<Entry> {
    const kept = this.#entries.get(domain);
    const entry = kept ?? this.#load(domain);
    this.#entries.delete(domain);
    this.#entries.set(domain, entry);
    if (this.#entries.size > DOMAINS_MAX) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    // What could not be read is read again.
    if (kept === undefined) entry.catch(() => this.#entries.delete(domain));
    return entry;
  }

  async #load(domain: Domain): Promise<Entry> {
    const text = await this.#options.memory.get(domain);
    return { known: text === undefined ? undefined : parseKnown(text), failure: undefined, notBefore_ms: 0 };
  }
}

const isInForce = ({ fetched_ms, policy }: Known, now_ms: number): boolean =>
  now_ms < fetched_ms + policy.maxAge_s * 1000;

function isWanted({ known, notBefore_ms }: Entry, id: string, now_ms: number): boolean {
  if (now_ms < notBefore_ms) return false;
  return known?.id !== id || !isInForce(known, now_ms) || now_ms >= known.fetched_ms + refreshAfter(known);
}

const refreshAfter = ({ policy }: Known): number => Math.min(REFRESH_MS, (policy.maxAge_s * 1000) / 2);

/** `id SP time LF policy`. */
const formatKnown = ({ id, fetched_ms, policy }: Known): string =>
  [`${id} ${fetched_ms}`, ...policyLines(policy)].join("\n");

function parseKnown(text: string): Known | undefined {
  const [head = "", ...lines] = text.split("\n");
  const parts = /^([A-Za-z0-9]{1,32}) ([0-9]{1,16})$/.exec(head);
  const policy = parseMtaStsPolicy(lines.join("\n"));
  if (parts === null || !policy.ok) return undefined;
  return { id: parts[1] ?? "", fetched_ms: Number(parts[2]), policy: policy.value };
}
