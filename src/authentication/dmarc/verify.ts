import { parseDomain, type Domain } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import { mailboxesOf, parseAddressList } from "../../message/address.ts";
import type { DkimResult, DmarcResult, SpfResult } from "../results.ts";
import type { DmarcRecord, Requested } from "./record.ts";
import { organizationalDomain, policyFor, TreeWalker, type Found } from "./tree-walk.ts";

export type DmarcQuestion = {
  /** Values of all From fields of the message. */
  readonly fromFields: readonly string[];
  readonly spf: readonly SpfResult[];
  readonly dkim: readonly DkimResult[];
};

/** Signatures that pass and are compared with the author's domain. */
const SIGNATURES_MAX = 10;

/**
 * Does the domain the reader sees in From answer for the message, and if not, what does it ask for? RFC 9989 §5.3
 * Nothing a message or a zone holds makes it throw.
 */
export async function checkDmarc(
  { fromFields, spf, dkim }: DmarcQuestion,
  dns: Dns,
  signal?: AbortSignal,
): Promise<DmarcResult> {
  const author = authorDomain(fromFields);
  if (typeof author !== "string") return { ...UNKNOWN, ...author };
  const walker = new TreeWalker(dns, signal);
  const walk = await walker.walk(author);
  const policy = policyFor(walk);
  const known = { ...UNKNOWN, authorDomain: author, organizationalDomain: organizationalDomain(walk) };
  if (policy === undefined)
    return walk.failed
      ? { ...known, result: "temperror", problem: "dns-failure" }
      : { ...known, result: "none" };
  const aligned = await alignments(
    walker,
    { author, organizational: known.organizationalDomain },
    policy.record,
    {
      spf,
      dkim,
    },
  );
  const passes = aligned.spfAligned || aligned.dkimAligned;
  const published = await wanted(author, policy, dns, signal);
  return {
    ...known,
    policyDomain: policy.domain,
    published,
    requested: policy.record.testing ? LOWERED[published] : published,
    spfAligned: aligned.spfAligned,
    dkimAligned: aligned.dkimAligned,
    result: passes ? "pass" : aligned.uncertain || walk.failed ? "temperror" : "fail",
    ...(policy.record.assumedNone ? { problem: "no-policy" } : {}),
  };
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

/** Exactly one From field with one domain; everything else says who it is from in more than one way. RFC 9989 §5.3.1 */
export function authorDomain(
  fromFields: readonly string[],
): Domain | { readonly result: "none" | "permerror"; readonly problem: string } {
  const [field, more] = fromFields;
  if (field === undefined) return { result: "none", problem: "no-author" };
  if (more !== undefined) return { result: "permerror", problem: "several-from-fields" };
  const domains = new Set(
    mailboxesOf(parseAddressList(field).addresses).map(({ domain }) => parseDomain(domain)),
  );
  const [domain, other] = domains;
  if (domains.size > 1 && other !== domain) return { result: "permerror", problem: "several-authors" };
  return domain ?? { result: "permerror", problem: "bad-author" };
}

type Side = { readonly author: Domain; readonly organizational: Domain };
type Alignments = {
  readonly spfAligned: boolean;
  readonly dkimAligned: boolean;
  /** An answer that might have aligned could not be had. */
  readonly uncertain: boolean;
};

async function alignments(
  walker: TreeWalker,
  side: Side,
  record: DmarcRecord,
  { spf, dkim }: Pick<DmarcQuestion, "spf" | "dkim">,
): Promise<Alignments> {
  const envelope = spf.filter(({ identity }) => identity === "mailfrom");
  const spfDomains = envelope.filter(({ result }) => result === "pass").map(({ domain }) => domain);
  const dkimDomains = dkim.filter(({ result }) => result === "pass").map(({ domain }) => domain);
  const bySpf = await anyAligned(walker, side, spfDomains, record.aspf);
  const byDkim = await anyAligned(walker, side, dkimDomains, record.adkim);
  const undecided = [...envelope, ...dkim].some(({ result }) => result === "temperror");
  return {
    spfAligned: bySpf === "yes",
    dkimAligned: byDkim === "yes",
    uncertain: undecided || bySpf === "unknown" || byDkim === "unknown",
  };
}

/** Strict: the same domain. Relaxed: the same organizational domain. RFC 9989 §4.4 */
async function anyAligned(
  walker: TreeWalker,
  { author, organizational }: Side,
  domains: readonly string[],
  mode: "r" | "s",
): Promise<"yes" | "no" | "unknown"> {
  let outcome: "no" | "unknown" = "no";
  for (const text of new Set(domains.slice(0, SIGNATURES_MAX))) {
    const domain = parseDomain(text);
    if (domain === author) return "yes";
    if (domain === undefined || mode === "s" || !sharesSuffix(domain, organizational)) continue;
    const walk = await walker.walk(domain);
    if (organizationalDomain(walk) === organizational) return "yes";
    if (walk.failed) outcome = "unknown";
  }
  return outcome;
}

/** Domains without the organizational domain as suffix cannot have it; that saves their walk. */
const sharesSuffix = (domain: Domain, suffix: Domain): boolean =>
  domain === suffix || domain.endsWith(`.${suffix}`);

/** What the record says for this author: p for itself, np for a subdomain that does not exist, sp for one that does. */
async function wanted(
  author: Domain,
  { domain, record }: Found,
  dns: Dns,
  signal: AbortSignal | undefined,
): Promise<Requested> {
  if (domain === author) return record.p;
  const below = record.sp ?? record.p;
  if (record.np === undefined || record.np === below) return below;
  return (await exists(author, dns, signal)) ? below : record.np;
}

/** RFC 9989 §3.2.13: a name without A, AAAA and MX does not exist; doubt speaks for it. */
async function exists(domain: Domain, dns: Dns, signal: AbortSignal | undefined): Promise<boolean> {
  const answers = await Promise.all([
    dns.query(domain, "A", signal),
    dns.query(domain, "AAAA", signal),
    dns.query(domain, "MX", signal),
  ]);
  return answers.some(({ kind }) => kind === "records" || kind === "failure");
}
