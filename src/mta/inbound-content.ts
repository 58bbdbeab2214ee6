/** A stranger's message when it is in: who answers for it, what the rules say, where it goes. */
import {
  formatAuthenticationResults,
  formatResults,
  reportedResults,
} from "../authentication/authentication-results.ts";
import { withoutForged } from "../authentication/authentication-results-parse.ts";
import type { Authentication } from "../authentication/results.ts";
import { lazily } from "../base/lazily.ts";
import { err, ok, type Result } from "../base/result.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { Judgement, Step } from "../journal/record.ts";
import { LINE_OCTETS_MAX } from "../message/limits.ts";
import { linkHosts } from "../message/links.ts";
import type { PolicyFacts } from "../policy/facts.ts";
import { linkText } from "../policy/link-names.ts";
import type { Tag } from "../policy/verdict.ts";
import type { Reply } from "../smtp/reply.ts";
import type { Delivery } from "../store/store.ts";
import type { Incoming } from "./accept.ts";
import { authenticateContent } from "./authenticate-message.ts";
import { judgedContent, knownForwarder, withOverride } from "./dmarc-judgement.ts";
import type { InboundOptions } from "./inbound.ts";
import { forwardsInCircle } from "./events.ts";
import { goingOn, isForward, judgeForwards, senderProof, withTraces } from "./forward.ts";
import { refusedMessage, refusedOutcome, senderText } from "./floor.ts";
import { writtenDown } from "./inbound-rules.ts";
import { journalled, messageRecord } from "./message-record.ts";
import { planOf, resolved, type Plan, type Resolved } from "./plan.ts";
import { countJudged } from "./reports/judged.ts";
import { judgedSpf } from "./spf-judgement.ts";
import { behindReturnPath, traced, withOctets } from "./submitted-header.ts";
import type { Visit } from "./visit.ts";

const JUNK = "Junk";

export function judgeContent(
  options: InboundOptions,
  visit: Visit,
  incoming: Incoming,
): Soon<Result<Delivery, Reply>> {
  return visit.trusted
    ? recorded(options, visit, honest(incoming, options.hostName), {}, false)
    : judgeStrangersContent(options, visit, incoming);
}

async function judgeStrangersContent(
  options: InboundOptions,
  visit: Visit,
  incoming: Incoming,
): Promise<Result<Delivery, Reply>> {
  const { session, mail } = incoming;
  // Both have been asked for since MAIL; to wait for one after the other takes no longer than for both.
  const iprev = await visit.reverse;
  const spf = await visit.spf();
  const { dns, clock, signatures_ms } = options;
  const around = { dns, now_ms: clock.now(), signatures_ms };
  const found = await authenticateContent(incoming.octets, { iprev, spf }, around);
  const authentication = withOverride(found.authentication, incoming, options.dmarcTrusted);
  const facts = withLinks(await visit.facts(mail), options, incoming);
  const forwarder = lazily(() => knownForwarder(authentication, incoming, options.dmarcTrusted));
  const byDmarc = await judgedContent(options, facts, authentication.dmarc, forwarder);
  const judged = judgedSpf(byDmarc, options.spfFail, authentication, forwarder);
  const { reports } = options;
  if (reports !== undefined && found.policy !== undefined)
    countJudged(reports, incoming, {
      authentication,
      policy: found.policy,
      judged,
      setting: options.dmarc,
      at_ms: clock.now(),
    });
  // What DMARC or SPF decided no list decided, and no other lists would change.
  const replayable = judged.decidedBy === "dmarc" || judged.decidedBy === "spf" ? {} : { facts };
  const about = { command: "message", sender: senderText(mail), ...replayable } as const;
  const { refusal, judgement } = writtenDown(visit, session, about, judged);
  const known = contentFacts(authentication, judgement);
  if (refusal) {
    const outcome = refusedOutcome(refusal);
    const record = { ...known, outcome };
    options.journal.add(messageRecord(incoming, options.clock.now(), record));
    return err(refusal);
  }
  const junk =
    judged.tags.some(({ kind }) => kind === "junk") || visit.tags.some(({ kind }) => kind === "junk");
  const honestly = found.hasResults ? honest(incoming, options.hostName) : incoming;
  const marked = withPrepended(withResults(options, honestly, authentication), [
    ...visit.tags,
    ...judged.tags,
  ]);
  return recorded(options, visit, marked, known, junk);
}

function withLinks(facts: PolicyFacts, { judgesLinks }: InboundOptions, incoming: Incoming): PolicyFacts {
  const hosts = judgesLinks ? linkText(linkHosts(incoming.octets, incoming.outline())) : "";
  return hosts === "" ? facts : { ...facts, linkHosts: hosts };
}

/** Our findings in front. RFC 8601 §5 */
function withResults(options: InboundOptions, incoming: Incoming, authentication: Authentication): Incoming {
  const { hostName } = options;
  const field = formatAuthenticationResults(hostName, authentication, incoming.session.remote.address);
  return traced(incoming, Buffer.from(field));
}

/** Whoever claimed to be us before is not believed, wherever the message came from. C-23 */
function honest(incoming: Incoming, hostName: string): Incoming {
  const { octets } = incoming;
  const clean = withoutForged(octets, hostName);
  return clean === octets ? incoming : withOctets(incoming, clean);
}

/** Header fields that access tables ask for (PREPEND), in the order of the rules. Postfix access(5) */
function withPrepended(incoming: Incoming, tags: readonly Tag[]): Incoming {
  const fields = tags
    .filter(({ kind }) => kind === "prepend")
    .map(
      ({ value }) =>
        `${value.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, " ").slice(0, LINE_OCTETS_MAX / 4)}\r\n`,
    );
  return behindReturnPath(incoming, Buffer.from([...new Set(fields)].join("")));
}

/** What became known of the content; of a trusted client's nothing is asked. */
type Found = { readonly authentication?: Authentication; readonly judgement?: Judgement };
type Told = Found & { readonly outcome?: "junk" };

/** The delivery with its journal entry: one commit. */
function recorded(
  options: InboundOptions,
  visit: Visit,
  incoming: Incoming,
  found: Found,
  junk: boolean,
): Soon<Result<Delivery, Reply>> {
  const told = junk ? { ...found, outcome: "junk" as const } : found;
  return whenHere(resolved(options.addresses, incoming.mail.recipients), (recipients) =>
    recipients.some(isForward)
      ? recordedOnward(options, visit, incoming, recipients, told)
      : ok(journalled(options, incoming, filed(planOf(recipients), told), told)),
  );
}

const filed = (plan: Plan, { outcome }: Told): Plan =>
  outcome === "junk" ? { ...plan, copies: plan.copies.map((copy) => ({ ...copy, mailbox: JUNK })) } : plan;

/** The same where an address of ours sends it on: whether it may depends on who vouches for it. */
async function recordedOnward(
  options: InboundOptions,
  visit: Visit,
  incoming: Incoming,
  recipients: readonly Resolved[],
  found: Told,
): Promise<Result<Delivery, Reply>> {
  const { authentication } = found;
  const { forwarding, dns } = options;
  const { mail } = incoming;
  const proof = authentication === undefined ? "proven" : await senderProof(mail.from, authentication, dns);
  const forwards = judgeForwards(forwarding, incoming, recipients, proof);
  if (!forwards.ok) return err(refusedMessage(options, visit, incoming, forwards.error, authentication));
  const plan = filed(planOf(forwards.value.recipients), found);
  const { notForwarded } = forwards.value;
  for (const { address, reason } of notForwarded)
    if (reason === "forward-loop") forwardsInCircle(options.log, mail, address);
  const told = notForwarded.length === 0 ? found : { ...found, notForwarded };
  // What is queued without any forward has come to its end, and its sender is to be told: nothing goes on in our name.
  if (forwards.value.aliases.length === 0) return ok(journalled(options, incoming, plan, told));
  // All recipients are ours, so whatever goes on from here is forwarded, in our name (SRS).
  const domain = forwards.value.aliases.find((alias) => alias.domain !== "")?.domain ?? options.hostName;
  const traced = withTraces(forwarding, incoming, forwards.value);
  const sealed = await withSeal(options, traced, domain, authentication);
  const from = await forwarding.senderFor(mail.from, domain);
  return ok(goingOn(journalled(options, incoming, plan, told, from), sealed));
}

/** What we saw, sealed by the domain that forwards, for a next hop that trusts it (RFC 8617). */
async function withSeal(
  { sealer, hostName }: InboundOptions,
  incoming: Incoming,
  domain: string,
  authentication: Authentication | undefined,
): Promise<Incoming> {
  if (authentication === undefined) return incoming;
  const results = reportedResults(authentication, incoming.session.remote.address);
  const seal = await sealer.seal(incoming.octets, domain, {
    chain: authentication.arc,
    authenticationResults: formatResults({ authServId: hostName, results }),
  });
  return traced(incoming, seal);
}

const contentFacts = (authentication: Authentication, judgement: Judgement): Found => ({
  authentication,
  judgement: toldOfMessage(judgement),
});

/**
 * What the record of a message tells of its judgement: why it was refused, or what rules had to say. All of it, for judging
 * it again, stands in the record of its session.
 */
function toldOfMessage(whole: Judgement): Judgement {
  const { facts: _, ...judgement } = whole;
  if (judgement.decision !== "permit") return judgement;
  // What would have spared it stands in the steps before.
  if (judgement.steps.some(({ verdict }) => verdict === "tag")) return { ...judgement, asked: [] };
  return { ...judgement, asked: [], steps: judgement.steps.filter(hasSomethingToSay) };
}

const hasSomethingToSay = ({ verdict, evidence }: Step): boolean =>
  verdict !== "dunno" || Object.keys(evidence).length > 0;
