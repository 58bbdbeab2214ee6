import { asciiLower, DOT } from "../../base/ascii.ts";
import type { Domain } from "../../base/domain-name.ts";
import type { IpAddress } from "../../base/ip.ts";
import { whenHere, type Soon } from "../../base/soon.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../../dns/answer.ts";
import { reverseName } from "../../dns/reverse.ts";
import { confirmName, uniqueNames } from "../iprev.ts";
import { timedDns, type Asking, type Budget } from "../timed-dns.ts";
import { SPF_LIMITS } from "./limits.ts";

/** Ends a check early; caught in `verify.ts` and nowhere else. */
export class SpfStop extends Error {
  readonly result: "temperror" | "permerror";
  readonly problem: string;

  constructor(result: "temperror" | "permerror", problem: string) {
    super(problem);
    this.result = result;
    this.problem = problem;
  }
}

/**
 * The way of one check to the DNS: counts terms and void answers, and leaves a question unanswered when the time is
 * over, whatever the resolver does. RFC 7208 §4.6.4
 */
export class SpfLookup {
  readonly #dns: Asking;
  readonly #budget: Budget;
  #terms = 0;
  #voids = 0;
  #validated: Promise<readonly Domain[]> | undefined;

  constructor(dns: Dns, budget: Budget) {
    this.#dns = timedDns(dns, budget);
    this.#budget = budget;
  }

  get terms(): number {
    return Math.min(this.#terms, SPF_LIMITS.lookupTermsMax);
  }

  /** Called before a term that asks the DNS is evaluated. */
  countTerm(): void {
    if (++this.#terms > SPF_LIMITS.lookupTermsMax) throw new SpfStop("permerror", "lookup-limit");
  }

  /** Records of a name, none where there is no such name; a name nobody can have is not asked for. */
  records<T extends RecordType>(name: string, type: T): Soon<readonly RecordData[T][]> {
    const asked = askableName(name);
    if (asked === undefined) return [];
    return whenHere(this.#ask(asked, type), (answer) => {
      if (answer.kind === "failure") throw new SpfStop("temperror", problemOf(answer.reason));
      return answer.kind === "records" ? answer.records : [];
    });
  }

  /** The same for terms: an answer without records counts. */
  async termRecords<T extends RecordType>(name: string, type: T): Promise<readonly RecordData[T][]> {
    const found = await this.records(name, type);
    const isVoid = found.length === 0 && askableName(name) !== undefined;
    if (isVoid && ++this.#voids > SPF_LIMITS.voidLookupsMax) throw new SpfStop("permerror", "void-limit");
    return found;
  }

  /**
   * Names of the client that point back to it; failures count as none, and void answers do not count: the publisher
   * of the record has no say in them. RFC 7208 §5.5
   */
  validatedNames(client: IpAddress): Promise<readonly Domain[]> {
    this.#validated ??= this.#validate(client);
    return this.#validated;
  }

  async #validate(client: IpAddress): Promise<readonly Domain[]> {
    const answer = await this.#ask(reverseName(client), "PTR");
    const names = answer.kind === "records" ? uniqueNames(answer.records) : [];
    const asking: Asking = { query: (name, type) => this.#ask(name, type) };
    const validated: Domain[] = [];
    for (const name of names) {
      if ((await confirmName(name, client, asking)) === "yes") validated.push(name);
    }
    return validated;
  }

  #ask<T extends RecordType>(name: Domain, type: T): Soon<DnsAnswer<RecordData[T]>> {
    return whenHere(this.#dns.query(name, type), (answer) => {
      // Also where a failure would be passed over: no term may be decided after the end.
      if (this.#budget.isOver) throw new SpfStop("temperror", "timeout");
      return answer;
    });
  }
}

const problemOf = (reason: string): string => (reason === "timeout" ? "timeout" : `dns-${reason}`);

const NAME_OCTETS_MAX = 253;

/**
 * Macros put local parts into names, so names here may hold any printable ASCII (RFC 7208 §7.1, RFC 2181 §11); nothing
 * else, no label the wire cannot carry, and no numeric top label is ever asked for.
 */
export function askableName(text: string): Domain | undefined {
  const name = asciiLower(text.endsWith(".") ? text.slice(0, -1) : text);
  return name.length <= NAME_OCTETS_MAX && hasAskableLabels(name) ? (name as Domain) : undefined;
}

/** Two or more, of printable ASCII, the last no number. */
function hasAskableLabels(name: string): boolean {
  let start = 0;
  let digits = true;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === DOT) {
      if (i === start || i - start > LABEL_OCTETS_MAX) return false;
      start = i + 1;
      digits = true;
    } else if (code < 0x20 || code > 0x7e) return false;
    else digits &&= code >= 0x30 && code <= 0x39;
  }
  const last_octets = name.length - start;
  return start > 0 && last_octets > 0 && last_octets <= LABEL_OCTETS_MAX && !digits;
}

const LABEL_OCTETS_MAX = 63;
