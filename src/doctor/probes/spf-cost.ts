import type { MacroString } from "../../authentication/spf/macro.ts";
import {
  isSpfRecord,
  parseSpfRecord,
  type Directive,
  type SpfRecord,
} from "../../authentication/spf/parse.ts";
import { parseDomain, type Domain } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import { recordsOf } from "./answers.ts";

/** What an SPF record costs a receiver at worst: every term is evaluated, as for a client that meets none. */
export type SpfCost = {
  /** Terms that ask the DNS, over all records. RFC 7208 §4.6.4 */
  lookups: number;
  /** Names that are not there. */
  readonly voids: string[];
  usesPtr: boolean;
  /** Included names without an SPF record, and records nobody can read: permerror for all. */
  readonly gone: string[];
  readonly unreadable: { readonly name: string; readonly term: string }[];
  /** The term that decides about strangers: `-all`, or nothing. */
  ending: { readonly qualifier: "pass" | "fail" | "softfail" | "neutral"; readonly text: string };
  /** The DNS did not answer for these; the figures are then too low. */
  readonly failed: string[];
  /** There were more records than are read. */
  cut: boolean;
};

/** Walks the tree of includes and redirects, at most `spfQuestionsMax` records. */
export async function spfCost(domain: Domain, record: SpfRecord, dns: Dns): Promise<SpfCost> {
  const cost: SpfCost = {
    lookups: 0,
    voids: [],
    usesPtr: false,
    gone: [],
    unreadable: [],
    ending: { qualifier: "neutral", text: "" },
    failed: [],
    cut: false,
  };
  const walk = new Walk(dns, cost);
  const last = await walk.record(domain, record);
  if (last !== undefined) cost.ending = last;
  return cost;
}

class Walk {
  readonly #dns: Dns;
  readonly #cost: SpfCost;
  #questions = 0;

  constructor(dns: Dns, cost: SpfCost) {
    this.#dns = dns;
    this.#cost = cost;
  }

  async record(domain: Domain, { directives, redirect }: SpfRecord): Promise<SpfCost["ending"] | undefined> {
    for (const directive of directives) {
      // What stands after `all` is never reached.
      if (directive.kind === "all") return { qualifier: directive.qualifier, text: directive.text };
      await this.#term(domain, directive);
    }
    if (redirect === undefined) return undefined;
    this.#cost.lookups++;
    return this.#follow(redirect.domain);
  }

  async #term(domain: Domain, directive: Directive): Promise<void> {
    const cost = this.#cost;
    if (directive.kind === "all" || directive.kind === "ip") return;
    cost.lookups++;
    if (directive.kind === "ptr") cost.usesPtr = true;
    else if (directive.kind === "include") await this.#follow(directive.domain);
    else {
      const name = directive.domain === undefined ? domain : plainName(directive.domain);
      if (name !== undefined && (await this.#isVoid(name, directive.kind))) cost.voids.push(name);
    }
  }

  async #follow(spec: MacroString): Promise<SpfCost["ending"] | undefined> {
    const name = plainName(spec);
    // Macros depend on the mail; what they lead to cannot be known here.
    if (name === undefined || !this.#mayAsk()) return undefined;
    const texts = recordsOf(await this.#dns.query(name, "TXT"));
    if (texts === undefined) return void this.#cost.failed.push(name);
    const [text] = texts.filter(isSpfRecord);
    if (text === undefined) return void this.#cost.gone.push(name);
    const record = parseSpfRecord(text);
    if (!record.ok) return void this.#cost.unreadable.push({ name, term: record.error.term });
    return this.record(name, record.value);
  }

  async #isVoid(name: Domain, kind: "a" | "mx" | "exists"): Promise<boolean> {
    const types =
      kind === "mx" ? (["MX"] as const) : kind === "a" ? (["A", "AAAA"] as const) : (["A"] as const);
    for (const type of types) {
      if (!this.#mayAsk()) return false;
      const found = recordsOf<unknown>(await this.#dns.query(name, type));
      if (found === undefined) this.#cost.failed.push(name);
      if (found === undefined || found.length > 0) return false;
    }
    return true;
  }

  #mayAsk(): boolean {
    if (this.#questions++ < DOCTOR_LIMITS.spfQuestionsMax) return true;
    this.#cost.cut = true;
    return false;
  }
}

/** A name without macros. */
function plainName(spec: MacroString): Domain | undefined {
  const text = spec.every((piece) => typeof piece === "string") ? spec.join("") : "";
  return parseDomain(text);
}
