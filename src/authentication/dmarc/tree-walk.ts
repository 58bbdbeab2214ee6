import { parseDomain, type Domain } from "../../base/domain-name.ts";
import { remembered } from "../../base/remembered.ts";
import { whenHere, type Soon } from "../../base/soon.ts";
import type { DnsAnswer } from "../../dns/answer.ts";
import type { Asking } from "../timed-dns.ts";
import { parseDmarcRecord, type DmarcRecord } from "./record.ts";

/** Names asked for one domain, itself included. RFC 9989 §4.10 */
const QUERIES_MAX = 8;

/** Records read and kept: those of the domains that wrote lately. */
const recordOf = remembered(1_000, (text) => parseDmarcRecord(text) ?? null);

export type Found = { readonly domain: Domain; readonly record: DmarcRecord };
/**
 * Records from the domain upwards; `failed`: the DNS did not answer at some step. `mayHide`: and that was not only the top-level
 * name, where no sender has his record.
 */
export type Walk = {
  readonly start: Domain;
  readonly found: readonly Found[];
  readonly failed: boolean;
  readonly mayHide: boolean;
};

type Asked = DmarcRecord | "none" | "failed";

/** Walks up the tree, each domain once per message, however many signatures name it. */
export class TreeWalker {
  readonly #dns: Asking;
  readonly #records = new Map<string, Soon<Asked>>();

  constructor(dns: Asking) {
    this.#dns = dns;
  }

  /** Asks upwards until a record says psd= or the tree ends, also past a name that gives no answer. RFC 9989 §4.10; C-14 */
  walk(start: Domain): Soon<Walk> {
    return this.#walkOn({ start, found: [], failed: false, mayHide: false }, NAMES(start), 0);
  }

  #walkOn(walk: Walking, names: readonly Domain[], first: number): Soon<Walk> {
    for (let i = first; i < names.length; i++) {
      const domain = names[i] as Domain;
      const asked = this.#record(domain);
      if (asked instanceof Promise)
        return asked.then((record) =>
          isEnd(walk, domain, record) ? walk : this.#walkOn(walk, names, i + 1),
        );
      if (isEnd(walk, domain, asked)) break;
    }
    return walk;
  }

  #record(domain: Domain): Soon<Asked> {
    const known = this.#records.get(domain);
    if (known !== undefined) return known;
    const asked = this.#ask(domain);
    this.#records.set(domain, asked);
    return asked;
  }

  #ask(domain: Domain): Soon<Asked> {
    const name = parseDomain(`_dmarc.${domain}`);
    return name === undefined ? "none" : whenHere(this.#dns.query(name, "TXT"), recordIn);
  }
}

/** A walk on its way. */
type Walking = { readonly start: Domain; readonly found: Found[]; failed: boolean; mayHide: boolean };

/** Takes down what a name has; is that the end of the tree? */
function isEnd(walk: Walking, domain: Domain, record: Asked): boolean {
  if (record === "failed") {
    walk.failed = true;
    walk.mayHide ||= domain.includes(".");
  }
  if (record === "failed" || record === "none") return false;
  walk.found.push({ domain, record });
  return record.psd !== "u";
}

/** Authors and signers of many messages have few domains. */
const NAMES = remembered(1_000, (start) => namesToAsk(start as Domain));

function recordIn(answer: DnsAnswer<string>): Asked {
  if (answer.kind === "failure") return "failed";
  if (answer.kind !== "records") return "none";
  const records = answer.records.flatMap((text) => recordOf(text) ?? []);
  // Several are none. RFC 9989 §4.10 step 2
  return records.length === 1 ? (records[0] ?? "none") : "none";
}

/** The domain, then its parents; from a name of eight labels or more the walk jumps to seven. RFC 9989 §4.10 */
export function namesToAsk(start: Domain): readonly Domain[] {
  const labels = start.split(".");
  const names = [labels];
  let rest = labels.slice(labels.length >= QUERIES_MAX ? labels.length - (QUERIES_MAX - 1) : 1);
  while (rest.length > 0 && names.length < QUERIES_MAX) {
    names.push(rest);
    rest = rest.slice(1);
  }
  return names.flatMap((name) => parseDomain(name.join(".")) ?? []);
}

/** Where the administration of `start` begins, without any list of public suffixes. RFC 9989 §4.10.2 */
export function organizationalDomain({ start, found }: Walk): Domain {
  for (const { domain, record } of found) {
    if (record.psd === "n") return domain;
    if (record.psd === "y" && domain !== start) return oneBelow(start, domain);
  }
  return found.at(-1)?.domain ?? start;
}

/** The ancestor of `start` that is one label longer than `parent`. */
function oneBelow(start: Domain, parent: Domain): Domain {
  const labels = start.split(".");
  return parseDomain(labels.slice(-(parent.split(".").length + 1)).join(".")) ?? start;
}

/**
 * The record that speaks for `start`: its own, that of its organizational domain, or that of a public suffix. While
 * the walk is incomplete only its own is certain. RFC 9989 §4.10.1
 */
export function policyFor(walk: Walk): Found | undefined {
  const own = walk.found.find(({ domain }) => domain === walk.start);
  if (own !== undefined || walk.failed) return own;
  const organizational = organizationalDomain(walk);
  return (
    walk.found.find(({ domain }) => domain === organizational) ??
    walk.found.find(({ record }) => record.psd === "y")
  );
}

/** Of an incomplete walk: what the nearest domain above asks for those below it, as far as anybody can tell. */
export const nearestAbove = ({ start, found }: Walk): Found | undefined =>
  found.find(({ domain }) => domain !== start);
