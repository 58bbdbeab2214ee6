import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Log } from "../base/log.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";
import { examineResolver, type ResolverNames, type ResolverVerdict } from "./examine-resolver.ts";

/** A resolver that was seen to validate is believed this long while it cannot be examined: an outage must not lower anybody's protection. */
const BELIEVED_MS = 86_400_000;

type Tools = { readonly clock: Clock; readonly log: Log };

/** A resolver whose word about authenticity counts only while it is known to validate. */
export class ExaminedDns implements Dns {
  readonly #dns: Dns;
  readonly #fresh: Dns;
  readonly #names: ResolverNames;
  readonly #tools: Tools;
  #verdict: ResolverVerdict | undefined;
  #validated_ms = Number.NEGATIVE_INFINITY;
  #first: Promise<void> | undefined;

  /** `fresh`: the same resolver without a cache, for the examination. */
  constructor(dns: Dns, fresh: Dns, names: ResolverNames, tools: Tools) {
    this.#dns = dns;
    this.#fresh = fresh;
    this.#names = names;
    this.#tools = tools;
  }

  known<T extends RecordType>(name: Domain, type: T): DnsAnswer<RecordData[T]> | undefined {
    const answer = this.#dns.known?.(name, type);
    if (answer === undefined || answer.kind === "failure" || !answer.authenticated) return answer;
    // What claims something is judged, and for the first judgement one has to wait.
    if (this.#verdict === undefined) return undefined;
    return this.#believed() ? answer : { ...answer, authenticated: false };
  }

  async query<T extends RecordType>(
    name: Domain,
    type: T,
    signal?: AbortSignal,
  ): Promise<DnsAnswer<RecordData[T]>> {
    const answer = await this.#dns.query(name, type, signal);
    if (answer.kind === "failure" || !answer.authenticated) return answer;
    // Only who claims something waits for the first examination.
    await this.#first;
    return this.#believed() ? answer : { ...answer, authenticated: false };
  }

  /** Nothing it says is authentic, so DANE is off. */
  get daneOff(): boolean {
    return !this.#believed();
  }

  /** Asks again; what changed is logged. */
  examine(signal?: AbortSignal): Promise<void> {
    const examined = this.#examine(signal);
    this.#first ??= examined;
    return examined;
  }

  async #examine(signal?: AbortSignal): Promise<void> {
    const { clock, log } = this.#tools;
    const verdict = await examineResolver(this.#fresh, this.#names, signal);
    if (signal?.aborted) return;
    if (verdict.kind === "validates") this.#validated_ms = clock.now();
    const before = this.#verdict?.kind;
    this.#verdict = verdict;
    if (before === verdict.kind) return;
    const { kind, detail } = verdict;
    const dane = this.#believed() ? "on" : "off";
    // Without a validating resolver a server has no DANE, and says so; one that had it and loses it needs somebody.
    const level = before === undefined || kind === "validates" ? "info" : "warn";
    const remedy = kind === "validates" ? {} : { remedy: REMEDY };
    log.write(level, `dns.resolver-${kind}`, { dane, detail, ...remedy });
  }

  #believed(): boolean {
    const kind = this.#verdict?.kind;
    if (kind !== "unknown") return kind === "validates";
    return this.#tools.clock.now() - this.#validated_ms < BELIEVED_MS;
  }
}

const REMEDY =
  'DANE needs a validating resolver on this machine: apt-get install unbound, then dns.servers = ["127.0.0.1"]';
