import { lazily } from "../base/lazily.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { Judgement, Stage, Step } from "../journal/record.ts";
import { SUBJECTS } from "./access.ts";
import { recordingAsk, type Ask } from "./ask.ts";
import { CHECKS } from "./checks.ts";
import type { Check, CheckContext, Judged, Subject } from "./contract.ts";
import { clientLabel, type PolicyFacts } from "./facts.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { scoreOf } from "./list-score.ts";
import { LIST_STAGES, type ListName, type PolicyLists } from "./policy-lists.ts";
import { parseRestrictions, type Rule } from "./restrictions.ts";
import { misconfigured, NO_EVIDENCE, type Refusing, type Tag, type Verdict } from "./verdict.ts";

/** The command that is judged; lists wait for RCPT (Postfix's `smtpd_delay_reject = yes`). */
export type Command = Extract<Judgement["command"], "connect" | "rcpt" | "data" | "message">;

/**
 * Judges one command. The same lists, facts and answers give the same judgement; everything asked is recorded.
 * Relay control comes first and the existence of the recipient last, both outside all lists.
 */
export function evaluate(lists: PolicyLists, command: Command, facts: PolicyFacts, world: Ask): Soon<Judged> {
  const { ask, asked } = recordingAsk(world);
  return whenHere(judge(lists, command, facts, ask, []), (judged) => ({ ...judged, asked: [...asked] }));
}

/** The same without writing anything down, neither steps nor questions, for answers that come from a record. */
export function evaluateUnrecorded(
  lists: PolicyLists,
  command: Command,
  facts: PolicyFacts,
  ask: Ask,
): Soon<Judged> {
  return judge(lists, command, facts, ask);
}

function judge(
  lists: PolicyLists,
  command: Command,
  facts: PolicyFacts,
  ask: Ask,
  steps?: Step[],
): Soon<Judged> {
  const run: Run = {
    lists,
    facts,
    ask,
    score: lazily(() => scoreOf(ask, facts, lists.sites)),
    steps,
    tags: [],
    rulesLeft: POLICY_LIMITS.stepsMax,
    deferIfPermit: undefined,
    deferIfReject: undefined,
  };
  const outcome = command === "rcpt" ? judgeRecipient(run) : judgeLists(run, LISTS[command]);
  return whenHere(outcome, (ended) => judged(run, ended));
}

const LISTS: Readonly<Record<Command, readonly ListName[]>> = {
  connect: ["banner"],
  rcpt: ["client", "helo", "sender", "relay", "recipient"],
  data: ["data"],
  message: ["endOfData"],
};

/** What is remembered while lists run; one per judgement. */
type Run = {
  readonly lists: PolicyLists;
  readonly facts: PolicyFacts;
  readonly ask: Ask;
  readonly score: CheckContext["score"];
  readonly steps: Step[] | undefined;
  readonly tags: Tag[];
  rulesLeft: number;
  /** Stays until the end of the command; the first one counts. */
  deferIfPermit: Decided | undefined;
  /** Only for the list it was raised in; relay and recipient list are one in this. */
  deferIfReject: Decided | undefined;
};

type Decided = { readonly rule: string; readonly refusing: Refusing };
type Outcome =
  | { readonly kind: "dunno" }
  | { readonly kind: "permit"; readonly rule: string }
  | ({ readonly kind: "refused" } & Decided);

const DUNNO: Outcome = { kind: "dunno" };

/** One list that is being run. */
type Place = {
  readonly stage: Stage;
  readonly subject: Subject;
  readonly shadow: boolean;
  readonly depth: number;
};

function judgeRecipient(run: Run): Soon<Outcome> {
  const { facts } = run;
  // The floor: no list, table, class or DNS answer is consulted before it or can undo it (S-35, S-37).
  if (!facts.recipientIsOurs && !facts.mayRelay) return floor(run, "relay", "reject_unauth_destination");
  // Every server takes mail for its postmaster. RFC 5321 §4.5.1
  if (facts.recipient?.toLowerCase() === "postmaster") return { kind: "permit", rule: "postmaster" };
  return whenHere(judgeLists(run, LISTS.rcpt), (outcome) =>
    outcome.kind === "refused" || facts.recipientExists
      ? outcome
      : floor(run, "recipient", "reject_unlisted_recipient"),
  );
}

/** Runs a check that stands outside all lists. */
async function floor(run: Run, stage: Stage, name: string): Promise<Outcome> {
  const check = CHECKS.get(name);
  if (check === undefined) throw new Error(`no check ${name}`);
  const place: Place = { stage, subject: subjectOf("recipient", run.facts), shadow: false, depth: 0 };
  const rule: Rule = { kind: "check", check, argument: "", text: name, shadow: false, offset: 0 };
  const outcome = settle(run, rule, await ruleVerdict(run, rule, check, place), place);
  if (outcome.kind === "refused") return outcome;
  // Facts without a recipient reach nobody.
  return refusedBy(name, misconfigured("no-recipient"));
}

const refusedBy = (rule: string, refusing: Refusing): Outcome => ({ kind: "refused", rule, refusing });

/** Waits only where a rule does: most lists know their end at once. */
function judgeLists(run: Run, names: readonly ListName[], first = 0, before: Outcome = DUNNO): Soon<Outcome> {
  let last = before;
  for (let i = first; i < names.length; i++) {
    const name = names[i] as ListName;
    if (!applies(name, run.facts)) continue;
    if (name !== "recipient") run.deferIfReject = undefined;
    const place: Place = {
      stage: LIST_STAGES[name],
      subject: subjectOf(name, run.facts),
      shadow: false,
      depth: 0,
    };
    const ran = runRules(run, run.lists[name], place);
    if (ran instanceof Promise)
      return ran.then((ended) => (ended.kind === "refused" ? ended : judgeLists(run, names, i + 1, ended)));
    if (ran.kind === "refused") return ran;
    // A permit ends its own list only.
    last = ran;
  }
  return run.deferIfPermit === undefined ? last : { kind: "refused", ...run.deferIfPermit };
}

const applies = (name: ListName, facts: PolicyFacts): boolean =>
  name === "helo" ? facts.helo !== undefined : name !== "sender" || facts.sender !== undefined;

function subjectOf(name: ListName, facts: PolicyFacts): Subject {
  switch (name) {
    case "banner":
    case "client":
      return { name: clientLabel(facts), what: SUBJECTS.client };
    case "helo":
      return { name: facts.helo ?? "", what: SUBJECTS.helo };
    case "sender":
      return { name: facts.sender ?? "", what: SUBJECTS.sender };
    case "relay":
    case "recipient":
      return { name: facts.recipient ?? "", what: SUBJECTS.recipient };
    case "data":
      return { name: "DATA", what: SUBJECTS.data };
    case "endOfData":
      return { name: "END-OF-DATA", what: SUBJECTS.endOfData };
  }
}

function runRules(run: Run, rules: readonly Rule[], place: Place): Soon<Outcome> {
  let at = 0;
  for (const rule of rules) {
    at++;
    const ran = runRule(run, rule, place);
    if (ran instanceof Promise) return runOn(run, rules.slice(at), place, ran);
    if (ends(run, ran)) return ran;
  }
  return DUNNO;
}

/** The same from a rule on that has to wait. */
async function runOn(
  run: Run,
  rules: readonly Rule[],
  place: Place,
  waited: Promise<Outcome>,
): Promise<Outcome> {
  let outcome = await waited;
  for (const rule of rules) {
    if (ends(run, outcome)) return outcome;
    outcome = await runRule(run, rule, place);
  }
  return outcome;
}

/** Somebody has decided, or whatever comes now, the answer is "try again later". */
const ends = (run: Run, outcome: Outcome): boolean =>
  outcome.kind !== "dunno" || (run.deferIfPermit !== undefined && run.deferIfReject !== undefined);

/** Most rules know their answer at once and need no turn of the queue. */
function runRule(run: Run, rule: Rule, around: Place): Soon<Outcome> {
  const place = rule.shadow ? { ...around, shadow: true } : around;
  if (run.rulesLeft-- <= 0 || place.depth > POLICY_LIMITS.nestingMax) {
    return settle(run, rule, misconfigured("too-many-rules"), place);
  }
  if (rule.kind === "class") {
    return runRules(run, run.lists.classes.get(rule.name) ?? [], { ...place, depth: place.depth + 1 });
  }
  const { check } = rule;
  const verdict = ruleVerdict(run, rule, check, place);
  if (verdict instanceof Promise) return verdict.then((waited) => conclude(run, rule, check, waited, place));
  return conclude(run, rule, check, verdict, place);
}

function conclude(run: Run, rule: Rule, check: Check, verdict: Verdict, place: Place): Soon<Outcome> {
  if (verdict.kind !== "run") return settle(run, rule, limited(run, check, verdict), place);
  return runTableRules(run, rule, check, verdict, place);
}

function ruleVerdict(
  run: Run,
  rule: Extract<Rule, { kind: "check" }>,
  check: Check,
  place: Place,
): Soon<Verdict> {
  const { facts, ask, score, lists } = run;
  const { argument, site } = rule;
  const { stage, subject } = place;
  const context: CheckContext = { facts, ask, score, settings: lists.settings, stage, subject, argument };
  return check.run(site === undefined ? context : { ...context, site });
}

/** The right-hand side of a table was a list of restrictions. */
async function runTableRules(
  run: Run,
  rule: Rule,
  check: Check,
  verdict: Extract<Verdict, { kind: "run" }>,
  place: Place,
): Promise<Outcome> {
  const parsed = parseRestrictions(verdict.rules, {
    stage: place.stage,
    classes: new Set(run.lists.classes.keys()),
  });
  const fault = parsed.findings.find((finding) => finding.severity === "error");
  if (fault !== undefined) {
    return settle(run, rule, misconfigured(`${fault.rule} ${fault.message}`, verdict.evidence), place);
  }
  note(run, rule, place, "dunno", "table-rules", verdict.evidence);
  const outcome = await runRules(run, parsed.rules, { ...place, depth: place.depth + 1 });
  if (outcome.kind !== "permit") return outcome;
  const allowed = limited(run, check, { kind: "permit", evidence: verdict.evidence });
  return allowed.kind === "permit" ? outcome : settle(run, rule, allowed, place);
}

/** A permit by something that strangers choose is no permit. */
function limited(run: Run, check: Check, verdict: Verdict): Verdict {
  if (verdict.kind !== "permit" || check.permits === undefined) return verdict;
  if (check.permits === "never") return misconfigured("permit-not-allowed", verdict.evidence);
  const { facts, lists } = run;
  const proven = facts.spf === "pass" || facts.login !== undefined || !lists.settings.senderAllowNeedsProof;
  return proven ? verdict : { kind: "dunno", reason: "sender-not-proven", evidence: verdict.evidence };
}

/** Writes the step down and says whether it decides. */
function settle(run: Run, rule: Rule, verdict: Verdict, place: Place): Outcome {
  const { evidence } = verdict;
  switch (verdict.kind) {
    case "permit":
      note(run, rule, place, "permit", verdict.reason, evidence);
      return { kind: "permit", rule: rule.text };
    case "dunno":
      note(run, rule, place, "dunno", verdict.reason, evidence);
      return DUNNO;
    case "run":
      throw new Error("rules of a table are run before they are settled");
    case "tag":
      note(run, rule, place, "tag", verdict.reason, evidence);
      if (!place.shadow) run.tags.push(verdict.tag);
      return DUNNO;
    case "reject":
    case "defer":
      return settleRefusal(run, rule, verdict, place);
    case "defer-if-permit":
      note(run, rule, place, place.shadow ? "would-defer" : "dunno", verdict.reason, evidence);
      if (!place.shadow) run.deferIfPermit ??= { rule: rule.text, refusing: verdict };
      return DUNNO;
    case "defer-if-reject":
      // In shadow too: it only makes refusals milder, and what permits is not in shadow either.
      note(run, rule, place, "dunno", verdict.reason, evidence);
      run.deferIfReject ??= { rule: rule.text, refusing: verdict };
      return DUNNO;
  }
}

function settleRefusal(run: Run, rule: Rule, verdict: Refusing, place: Place): Outcome {
  const { kind, reason, evidence } = verdict;
  if (place.shadow) {
    note(run, rule, place, kind === "reject" ? "would-reject" : "would-defer", reason, evidence);
    return DUNNO;
  }
  // What might have let the client through could not be learned: the refusal is for now only.
  const softened =
    kind === "reject" && run.deferIfReject !== undefined ? run.deferIfReject.refusing : verdict;
  note(run, rule, place, softened === verdict && kind === "reject" ? "reject" : "defer", reason, evidence);
  return refusedBy(rule.text, softened);
}

function note(
  run: Run,
  rule: Rule,
  place: Place,
  verdict: Step["verdict"],
  reason: string | undefined,
  evidence: Step["evidence"],
): void {
  if (run.steps === undefined) return;
  const quiet = verdict === "dunno" && evidence === NO_EVIDENCE;
  const { stage } = place;
  run.steps.push(quiet ? quietStep(rule, stage, reason) : stepOf(rule, stage, verdict, reason, evidence));
}

function stepOf(
  { text: rule }: Rule,
  stage: Stage,
  verdict: Step["verdict"],
  reason: string | undefined,
  evidence: Step["evidence"],
): Step {
  return reason === undefined
    ? { stage, rule, verdict, evidence }
    : { stage, rule, verdict, reason, evidence };
}

/** Steps of rules that had nothing to say: of nearly all rules, the same for every message. */
const QUIET = new WeakMap<Rule, Step[]>();

function quietStep(rule: Rule, stage: Stage, reason: string | undefined): Step {
  let steps = QUIET.get(rule);
  if (steps === undefined) QUIET.set(rule, (steps = []));
  for (const step of steps) if (step.reason === reason && step.stage === stage) return step;
  const step = stepOf(rule, stage, "dunno", reason, NO_EVIDENCE);
  steps.push(step);
  return step;
}

function judged(run: Run, outcome: Outcome): Judged {
  const { steps = [], tags } = run;
  if (outcome.kind !== "refused") {
    const by = outcome.kind === "permit" ? { decidedBy: outcome.rule } : {};
    return { decision: "permit", steps, asked: [], tags, ...by };
  }
  const { reply } = outcome.refusing;
  const decision = reply.code < 500 ? "defer" : "reject";
  return { decision, steps, asked: [], tags: [], decidedBy: outcome.rule, reply };
}
