import { parseDomain, type Domain } from "../../base/domain-name.ts";
import { allHere, whenHere, type Soon } from "../../base/soon.ts";
import type { Dns } from "../../dns/answer.ts";
import type { DkimResult, DmarcResult, SpfResult } from "../results.ts";
import { Budget, timedDns, type Asking, type Within } from "../timed-dns.ts";
import { authorDomain } from "./author-domain.ts";
import type { Requested } from "./record.ts";
import {
  nearestAbove,
  organizationalDomain,
  policyFor,
  TreeWalker,
  type Found,
  type Walk,
} from "./tree-walk.ts";

export type DmarcQuestion = {
  /** Values of all From fields of the message. */
  readonly fromFields: readonly string[];
  readonly spf: readonly SpfResult[];
  readonly dkim: readonly DkimResult[];
};

/** Different domains that are compared with the author's; a message of honest mail has up to four signatures. */
const CANDIDATES_MAX = 10;
/** All questions of one message together; SPF has the same (RFC 7208 §4.6.4). */
const BUDGET_MS = 20_000;
/** The problem of a `temperror` where no record could be learned and the author's name has proven nothing. */
export const WISH_UNKNOWN = "policy-unknown";

/** The answer, and the record it was given by: a report quotes it. */
export type DmarcFinding = { readonly dmarc: DmarcResult; readonly policy?: Found };

/**
 * Does the domain the reader sees in From answer for the message, and if not, what does it ask for? RFC 9989 §5.3
 * Nothing a message or a zone holds makes it throw.
 */
export const checkDmarc = async (question: DmarcQuestion, dns: Dns, signal?: Within): Promise<DmarcResult> =>
  (await findDmarc(question, dns, signal)).dmarc;

/** The same with the record that applies. */
export async function findDmarc(
  { fromFields, spf, dkim }: DmarcQuestion,
  dns: Dns,
  signal?: Within,
): Promise<DmarcFinding> {
  const author = authorDomain(fromFields);
  if (typeof author !== "string") return { dmarc: { ...UNKNOWN, ...author } };
  using budget = new Budget(BUDGET_MS, signal);
  const timed = timedDns(dns, budget);
  const walker = new TreeWalker(timed);
  const walking = walker.walk(author);
  const walk = walking instanceof Promise ? await walking : walking;
  const known = {
    ...UNKNOWN,
    authorDomain: author,
    ...(walk.failed ? {} : { organizationalDomain: organizationalDomain(walk) }),
  };
  const policy = policyFor(walk);
  const side = { author, walk, walker };
  if (policy === undefined)
    return { dmarc: walk.failed ? { ...known, ...(await resultWithoutOwnRecord(side, spf, dkim)) } : known };
  if (!policy.record.applies) return { dmarc: { ...known, problem: "no-policy" } };
  const found = allHere([
    alignment(side, mailFrom(spf), policy.record.aspf),
    alignment(side, dkim, policy.record.adkim),
  ]);
  const [bySpf = "no", byDkim = "no"] = found instanceof Promise ? await found : found;
  const asked = publishedFor(author, policy, timed);
  const published = asked instanceof Promise ? await asked : asked;
  const dmarc = {
    ...known,
    policyDomain: policy.domain,
    published,
    requested: policy.record.testing ? LOWERED[published] : published,
    spfAligned: bySpf === "yes",
    dkimAligned: byDkim === "yes",
    ...verdict(bySpf, byDkim),
    ...(policy.record.assumedNone ? { problem: "no-policy" } : {}),
  };
  return { dmarc, policy };
}

/** Only MAIL FROM counts, with the HELO name in its place for the empty reverse-path. RFC 9989 §4.4.2 */
const mailFrom = (spf: readonly SpfResult[]): readonly SpfResult[] =>
  spf.filter(({ identity }) => identity === "mailfrom");

/**
 * A name of the author's gave no answer: its own record is not known, and what a domain above it asks for holds while that is so.
 * Else a forger would write a part of the domain into From whose name servers are silent. What the author's very name has proven
 * would pass by any record.
 */
async function resultWithoutOwnRecord(
  side: Side,
  spf: readonly SpfResult[],
  dkim: readonly DkimResult[],
): Promise<Pick<DmarcResult, "result" | "problem" | "requested">> {
  const proofs = [await alignment(side, mailFrom(spf), "s"), await alignment(side, dkim, "s")];
  const isProven = proofs.includes("yes");
  const record = isProven ? undefined : nearestAbove(side.walk)?.record;
  if (!isProven && record === undefined && side.walk.mayHide)
    return { result: "temperror", problem: WISH_UNKNOWN, requested: "none" };
  const wish = record?.applies === true ? (record.sp ?? record.p) : "none";
  const requested = record?.testing === true ? LOWERED[wish] : wish;
  return { result: "temperror", problem: "dns-failure", requested };
}

const UNKNOWN = {
  result: "none",
  authorDomain: "",
  requested: "none",
  spfAligned: false,
  dkimAligned: false,
} as const;

/** t=y asks for one step less. RFC 9989 §4.7 */
const LOWERED: Readonly<Record<Requested, Requested>> = {
  reject: "quarantine",
  quarantine: "none",
  none: "none",
};

export type Aligned = "yes" | "no" | "unknown";

function verdict(bySpf: Aligned, byDkim: Aligned): Pick<DmarcResult, "result" | "problem"> {
  if (bySpf === "yes" || byDkim === "yes") return { result: "pass" };
  if (bySpf === "unknown" || byDkim === "unknown") return { result: "temperror", problem: "dns-failure" };
  return { result: "fail" };
}

/**
 * Does a passing identifier align with this domain, relaxed? One above it in the tree counts even without any DMARC
 * record: whoever holds a zone can speak for the names below. RFC 9989 §4.4
 */
export async function relaxedAlignment(
  domain: Domain,
  identifiers: readonly Identifier[],
  dns: Dns,
  signal?: Within,
): Promise<Aligned> {
  const above = (one: Identifier): boolean => {
    const name = parseDomain(one.domain);
    return name !== undefined && isWithin(domain, name);
  };
  if (identifiers.some((one) => one.result === "pass" && above(one))) return "yes";
  if (!identifiers.some(({ result }) => result === "pass" || result === "temperror")) return "no";
  using budget = new Budget(BUDGET_MS, signal);
  const walker = new TreeWalker(timedDns(dns, budget));
  return await alignment({ author: domain, walk: await walker.walk(domain), walker }, identifiers, "r");
}

type Side = { readonly author: Domain; readonly walk: Walk; readonly walker: TreeWalker };
type Identifier = { readonly result: string; readonly domain: string };

/**
 * Does a passing identifier align? One that could not be checked leaves doubt only if it would have aligned: else a
 * forger would turn every fail into temperror by a signature whose key server is silent. RFC 9989 §4.4, §5.3.6
 */
const alignment = (side: Side, identifiers: readonly Identifier[], mode: "r" | "s"): Soon<Aligned> =>
  whenHere(anyAligned(side, domainsWith("pass", identifiers), mode), (passing) =>
    passing === "no" ? doubt(side, identifiers, mode) : passing,
  );

const doubt = (side: Side, identifiers: readonly Identifier[], mode: "r" | "s"): Soon<Aligned> =>
  whenHere(anyAligned(side, domainsWith("temperror", identifiers), mode), (doubtful) =>
    doubtful === "no" ? "no" : "unknown",
  );

const domainsWith = (wanted: string, identifiers: readonly Identifier[]): string[] =>
  identifiers.filter(({ result }) => result === wanted).map(({ domain }) => domain);

/** Strict: the same domain. Relaxed: the same organizational domain. RFC 9989 §3.2.10; C-16 */
function anyAligned(
  { author, walk, walker }: Side,
  texts: readonly string[],
  mode: "r" | "s",
): Soon<Aligned> {
  if (texts.length === 0) return "no";
  const domains = new Set(texts.flatMap((text) => parseDomain(text) ?? []));
  if (domains.has(author)) return "yes";
  if (mode === "s") return "no";
  const suffix = walk.failed ? author.slice(author.lastIndexOf(".") + 1) : organizationalDomain(walk);
  const candidates = [...domains].filter((domain) => isWithin(domain, suffix)).slice(0, CANDIDATES_MAX);
  if (walk.failed) return candidates.length > 0 ? "unknown" : "no";
  return candidates.length === 0 ? "no" : sharesOrganization(walker, candidates, suffix);
}

async function sharesOrganization(
  walker: TreeWalker,
  candidates: readonly Domain[],
  suffix: string,
): Promise<Aligned> {
  let outcome: Aligned = "no";
  for (const domain of candidates) {
    const other = await walker.walk(domain);
    if (other.failed) outcome = "unknown";
    else if (organizationalDomain(other) === suffix) return "yes";
  }
  return outcome;
}

/** A domain outside the organizational domain cannot share it; that saves its walk. */
const isWithin = (domain: Domain, suffix: string): boolean =>
  domain === suffix || domain.endsWith(`.${suffix}`);

/** p for the domain of the record, np for a subdomain that does not exist, sp for one that does. RFC 9989 §4.10.1 */
function publishedFor(author: Domain, { domain, record }: Found, dns: Asking): Soon<Requested> {
  if (domain === author) return record.p;
  const below = record.sp ?? record.p;
  if (record.np === undefined || record.np === below) return below;
  // RFC 9989 §3.2.13: only NXDOMAIN is absence; in doubt the domain exists.
  const { np } = record;
  return whenHere(dns.query(author, "A"), (answer) => (answer.kind === "nxdomain" ? np : below));
}
