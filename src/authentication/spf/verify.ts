import { parseDomain } from "../../base/domain-name.ts";
import { cidrContains, parseIp, type IpAddress } from "../../base/ip.ts";
import { remembered } from "../../base/remembered.ts";
import { whenHere, type Soon } from "../../base/soon.ts";
import type { Dns } from "../../dns/answer.ts";
import type { SpfResult } from "../results.ts";
import { Budget, type Within } from "../timed-dns.ts";
import { SPF_LIMITS } from "./limits.ts";
import { askableName, SpfLookup, SpfStop } from "./lookup.ts";
import {
  ALL_LETTERS,
  expandDomain,
  expandMacros,
  needsValidatedName,
  parseMacroString,
  type MacroFacts,
  type MacroString,
} from "./macro.ts";
import { isSpfRecord, parseSpfRecord, type Directive, type SpfRecord } from "./parse.ts";

/** Who sends, as the SMTP session knows it. */
export type SpfQuestion = {
  readonly client: IpAddress;
  /** As the client said it, checked or not. */
  readonly heloName: string;
  /** MAIL FROM; null for the empty reverse-path. */
  readonly from: { readonly localPart: string; readonly domain: string } | null;
  /** Our host name, for `%{r}`. */
  readonly receiver: string;
  readonly now_ms: number;
};

type Outcome = {
  readonly result: SpfResult["result"];
  readonly mechanism?: string;
  readonly problem?: string;
  /** For a `fail`: where the publisher's words are. */
  readonly explanation?: { readonly spec: MacroString; readonly domain: string };
};

/** One check: what does not change while records include each other. */
type Check = { readonly lookup: SpfLookup; readonly facts: Omit<MacroFacts, "domain" | "validatedName"> };

/**
 * Checks MAIL FROM; for the empty reverse-path postmaster at the HELO name (RFC 7208 §2.4). Ends within 20 seconds
 * or when the signal says so, as `temperror`. RFC 7208 §4; C-01, C-04
 */
export function checkHost(question: SpfQuestion, dns: Dns, signal?: Within): Promise<SpfResult> {
  const { from, heloName } = question;
  const localPart = from === null || from.localPart === "" ? "postmaster" : from.localPart;
  return checkIdentity("mailfrom", localPart, from?.domain ?? heloName, question, dns, signal);
}

/** Checks the HELO name by itself. RFC 7208 §2.3 */
export function checkHelo(
  question: Omit<SpfQuestion, "from">,
  dns: Dns,
  signal?: Within,
): Promise<SpfResult> {
  return checkIdentity("helo", "postmaster", question.heloName, question, dns, signal);
}

async function checkIdentity(
  identity: SpfResult["identity"],
  localPart: string,
  domainText: string,
  question: Omit<SpfQuestion, "from">,
  dns: Dns,
  signal: Within | undefined,
): Promise<SpfResult> {
  const domain = parseDomain(domainText);
  // RFC 7208 §4.3: malformed, an address literal, or not fully qualified.
  if (domain === undefined || !domain.includes(".")) {
    return { result: "none", identity, domain: domain ?? "", problem: "domain", lookups: 0 };
  }
  using budget = new Budget(SPF_LIMITS.budget_ms, signal);
  const lookup = new SpfLookup(dns, budget);
  const cut = (text: string): string => text.slice(0, SPF_LIMITS.identityOctetsMax);
  const check: Check = {
    lookup,
    facts: {
      client: question.client,
      localPart: cut(localPart),
      senderDomain: domain,
      heloName: cut(question.heloName),
      receiver: cut(question.receiver),
      now_ms: question.now_ms,
    },
  };
  const checked = guarded(() => evaluate(check, domain));
  const { result, mechanism, problem, explanation } = checked instanceof Promise ? await checked : checked;
  const words = result === "fail" && explanation ? await explain(check, explanation) : undefined;
  return {
    result,
    identity,
    domain,
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(problem === undefined ? {} : { problem }),
    ...(words === undefined ? {} : { explanation: words }),
    lookups: lookup.terms,
  };
}

/** The one place where a limit or a failure of the DNS becomes a result. */
function guarded(run: () => Soon<Outcome>): Soon<Outcome> {
  try {
    const outcome = run();
    return outcome instanceof Promise ? outcome.catch(stopped) : outcome;
  } catch (error) {
    return stopped(error);
  }
}

function stopped(error: unknown): Outcome {
  if (error instanceof SpfStop) return { result: error.result, problem: error.problem };
  throw error;
}

/** Records read and kept: those of the domains that wrote lately, and what they include. */
const recordOf = remembered(1_000, parseSpfRecord);

/** check_host() of one domain. RFC 7208 §4.4 to §4.7 */
const evaluate = (check: Check, domain: string): Soon<Outcome> =>
  whenHere(check.lookup.records(domain, "TXT"), (texts) => evaluateRecord(check, domain, texts));

function evaluateRecord(check: Check, domain: string, texts: readonly string[]): Soon<Outcome> {
  const records = texts.filter(isSpfRecord);
  const [text] = records;
  if (text === undefined) return { result: "none", problem: "no-record" };
  if (records.length > 1) return { result: "permerror", problem: "several-records" };
  const record = recordOf(text);
  if (!record.ok) return { result: "permerror", problem: "syntax", mechanism: record.error.term };
  return evaluateFrom(check, domain, record.value, 0);
}

/** From one directive on, without waiting until one asks the DNS. RFC 7208 §4.6.2 */
function evaluateFrom(check: Check, domain: string, record: SpfRecord, first: number): Soon<Outcome> {
  for (let i = first; i < record.directives.length; i++) {
    const directive = record.directives[i] as Directive;
    if (!isLocal(directive)) return evaluateAsking(check, domain, record, i, directive);
    if (holds(check, directive)) return matched(record, directive, domain);
  }
  return record.redirect === undefined ? { result: "neutral" } : follow(check, record.redirect, domain);
}

async function evaluateAsking(
  check: Check,
  domain: string,
  record: SpfRecord,
  i: number,
  directive: Exclude<Directive, Local>,
): Promise<Outcome> {
  const met = await meets(check, directive, domain);
  if (met === true) return matched(record, directive, domain);
  if (met !== false) return { ...met, mechanism: directive.text };
  return evaluateFrom(check, domain, record, i + 1);
}

function matched(record: SpfRecord, directive: Directive, domain: string): Outcome {
  return {
    result: directive.qualifier,
    mechanism: directive.text,
    ...(record.explanation ? { explanation: { spec: record.explanation, domain } } : {}),
  };
}

/** RFC 7208 §6.1 */
async function follow(
  check: Check,
  redirect: NonNullable<SpfRecord["redirect"]>,
  domain: string,
): Promise<Outcome> {
  check.lookup.countTerm();
  const outcome = await evaluate(check, await targetName(check, redirect.domain, domain));
  if (outcome.result !== "none") return outcome;
  return { result: "permerror", problem: "no-record", mechanism: redirect.text };
}

/** `all`, `ip4` and `ip6` need no DNS. RFC 7208 §5.1, §5.6 */
type Local = Extract<Directive, { readonly kind: "all" | "ip" }>;

const isLocal = (directive: Directive): directive is Local =>
  directive.kind === "all" || directive.kind === "ip";

const holds = ({ facts }: Check, directive: Local): boolean =>
  directive.kind === "all" || cidrContains(directive.network, facts.client);

/** Does the client meet this mechanism? An outcome ends the check. RFC 7208 §5 */
async function meets(
  check: Check,
  directive: Exclude<Directive, Local>,
  domain: string,
): Promise<boolean | Outcome> {
  const { lookup, facts } = check;
  lookup.countTerm();
  const target = await targetName(check, directive.domain, domain);
  switch (directive.kind) {
    case "a":
      return hasClient(check, target, directive);
    case "mx":
      return hasMx(check, target, directive);
    case "exists":
      return (await lookup.termRecords(target, "A")).length > 0;
    case "ptr": {
      const names = await lookup.validatedNames(facts.client);
      return names.some((name) => isWithin(name, target));
    }
    case "include":
      return included(await evaluate(check, target));
  }
}

/** RFC 7208 §5.2 */
function included(outcome: Outcome): boolean | Outcome {
  if (outcome.result === "temperror" || outcome.result === "permerror") return outcome;
  if (outcome.result === "none") return { result: "permerror", problem: "no-record" };
  return outcome.result === "pass";
}

type Lengths = { readonly ipv4_bits: number; readonly ipv6_bits: number };

/** RFC 7208 §5.3: the type asked for is that of the client. */
async function hasClient(check: Check, name: string, lengths: Lengths): Promise<boolean> {
  const { client } = check.facts;
  const [type, prefix_bits] =
    client.family === 4 ? (["A", lengths.ipv4_bits] as const) : (["AAAA", lengths.ipv6_bits] as const);
  const records = await check.lookup.termRecords(name, type);
  return records.some((text) => {
    const address = parseIp(text);
    return address !== undefined && cidrContains({ address, prefix_bits }, client);
  });
}

/** RFC 7208 §5.4; too many hosts are an error whichever comes first, so that the answer does not depend on order. */
async function hasMx(check: Check, name: string, lengths: Lengths): Promise<boolean> {
  const hosts = await check.lookup.termRecords(name, "MX");
  if (hosts.length > SPF_LIMITS.mxHostsMax) throw new SpfStop("permerror", "mx-limit");
  for (const { exchange } of hosts) {
    if (exchange !== "" && (await hasClient(check, exchange, lengths))) return true;
  }
  return false;
}

function isWithin(name: string, parent: string): boolean {
  const wanted = askableName(parent);
  return wanted !== undefined && (name === wanted || name.endsWith(`.${wanted}`));
}

/** The domain a term names, or the one whose record it stands in. RFC 7208 §4.8 */
async function targetName(check: Check, spec: MacroString | undefined, domain: string): Promise<string> {
  if (spec === undefined) return domain;
  if (needsValidatedName(spec)) check.lookup.countTerm();
  return expandDomain(spec, await macroFacts(check, spec, domain));
}

async function macroFacts(check: Check, text: MacroString, domain: string): Promise<MacroFacts> {
  const validatedName = needsValidatedName(text) ? await bestName(check, domain) : "unknown";
  return { ...check.facts, domain, validatedName };
}

/** `%{p}`: the domain itself if it is confirmed, else a name below it, else any. RFC 7208 §7.3 */
async function bestName(check: Check, domain: string): Promise<string> {
  const names = await check.lookup.validatedNames(check.facts.client);
  const best = names.find((name) => name === domain) ?? names.find((name) => isWithin(name, domain));
  return best ?? names[0] ?? "unknown";
}

/** The publisher's words; whatever goes wrong, there are none. RFC 7208 §6.2 */
async function explain(
  check: Check,
  { spec, domain }: NonNullable<Outcome["explanation"]>,
): Promise<string | undefined> {
  try {
    const name = expandDomain(spec, await macroFacts(check, spec, domain));
    const texts = await check.lookup.records(name, "TXT");
    const [text = ""] = texts;
    if (texts.length !== 1 || text.length > SPF_LIMITS.recordOctetsMax) return undefined;
    const words = parseExplanation(text);
    if (words === undefined) return undefined;
    const whole = expandMacros(words, await macroFacts(check, words, domain));
    return whole.replace(/[^\x20-\x7e]/g, "?").slice(0, SPF_LIMITS.explanationOctetsMax);
  } catch (error) {
    if (error instanceof SpfStop) return undefined;
    throw error;
  }
}

/** explain-string = *( macro-string / SP ) */
function parseExplanation(text: string): MacroString | undefined {
  const pieces: MacroString[number][] = [];
  for (const [i, word] of text.split(" ").entries()) {
    const parsed = parseMacroString(word, ALL_LETTERS);
    if (parsed === undefined) return undefined;
    if (i > 0) pieces.push(" ");
    pieces.push(...parsed);
  }
  return pieces;
}
