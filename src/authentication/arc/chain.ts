import { asciiLower } from "../../base/ascii.ts";
import { rawValue, type Field } from "../../message/header.ts";
import { parseArcAuthenticationResults, type ReportedResults } from "../authentication-results-parse.ts";
import { DKIM_LIMITS } from "../dkim/limits.ts";
import { fieldTags, fieldText, type FieldText, type SignedMessage } from "../dkim/signed-data.ts";
import { parseTagList, type TagList } from "../dkim/tag-list.ts";

/** RFC 8617 §4.2.1 */
export const ARC_INSTANCES_MAX = 50;

export type ArcField = { readonly field: Field; readonly text: FieldText; readonly tags: TagList };

/** What one intermediary added. RFC 8617 §4.2 */
export type ArcSet = {
  readonly instance: number;
  readonly seal: ArcField;
  readonly messageSignature: ArcField;
  readonly results: { readonly text: FieldText; readonly reported: ReportedResults };
};

export type ArcChain = {
  /** Highest instance named by any field that can be read. */
  readonly instances: number;
  /** The seal of that instance says cv=fail: the chain ended there. */
  readonly failedBefore: boolean;
  /** Complete sets from 1 to `instances`; absent where the chain is broken. */
  readonly sets?: readonly ArcSet[];
  readonly problem?: ChainProblem;
};
export type ChainProblem =
  | "failed-before"
  | "structure"
  | "syntax"
  | "too-many-instances"
  | "cv"
  | "too-long";

type Kind = "arc-seal" | "arc-message-signature" | "arc-authentication-results";
const KINDS: readonly Kind[] = ["arc-seal", "arc-message-signature", "arc-authentication-results"];

/** Collects the ARC fields of a message into sets and checks their structure. RFC 8617 §5.2, steps 1 to 3 */
export function collectChain(message: SignedMessage): ArcChain {
  const found = KINDS.flatMap((kind) => (message.fields.get(kind) ?? []).map((field) => ({ kind, field })));
  if (found.length === 0) return { instances: 0, failedBefore: false, sets: [] };
  const octets = found.reduce((sum, { field }) => sum + field.end - field.start, 0);
  if (message.tooLong || octets > DKIM_LIMITS.arcOctetsMax) return broken(0, "too-long");
  const read = found.map(({ kind, field }) => readField(message, kind, field));
  const instances = read.reduce((highest, one) => Math.max(highest, one.instance), 0);
  if (instances > ARC_INSTANCES_MAX) return broken(instances, "too-many-instances");
  const last = read.filter((one) => one.kind === "arc-seal" && one.instance === instances);
  if (last.some((one) => chainValue(one.tags) === "fail")) {
    return { ...broken(instances, "failed-before"), failedBefore: true };
  }
  if (read.some((one) => one.instance === 0)) return broken(instances, "syntax");
  if (read.length !== instances * KINDS.length) return broken(instances, "structure");
  const sets: ArcSet[] = [];
  for (let instance = 1; instance <= instances; instance++) {
    const set = oneSet(instance, read);
    if (set === undefined) return broken(instances, "structure");
    if (chainValue(set.seal.tags) !== (instance === 1 ? "none" : "pass")) return broken(instances, "cv");
    sets.push(set);
  }
  return { instances, failedBefore: false, sets };
}

const broken = (instances: number, problem: ChainProblem): ArcChain => ({
  instances,
  failedBefore: false,
  problem,
});

/** chain-status = ("none" / "fail" / "pass"); ABNF words have no case. RFC 8617 §4.1.3 */
const chainValue = (tags: TagList | undefined): string => asciiLower(tags?.get("cv")?.value ?? "");

type ReadField = {
  readonly kind: Kind;
  /** 0 where the field cannot be read. */
  readonly instance: number;
  readonly field: Field;
  readonly text: FieldText;
  readonly tags?: TagList;
  readonly reported?: ReportedResults;
};

function readField(message: SignedMessage, kind: Kind, field: Field): ReadField {
  const text = fieldText(message.octets, field);
  if (kind === "arc-authentication-results") {
    const reported = parseArcAuthenticationResults(rawValue(message.octets, field));
    return { kind, field, text, instance: reported?.instance ?? 0, ...(reported ? { reported } : {}) };
  }
  const tags = parseTagList(fieldTags(text));
  return { kind, field, text, instance: instanceOf(tags), ...(tags ? { tags } : {}) };
}

/** instance = 1*2DIGIT, from 1. RFC 8617 §4.2.1 */
function instanceOf(tags: TagList | undefined): number {
  const value = tags?.get("i")?.value ?? "";
  return /^[1-9][0-9]{0,2}$/.test(value) ? Number(value) : 0;
}

function oneSet(instance: number, read: readonly ReadField[]): ArcSet | undefined {
  // There are as many fields as sets have: where each set has one of a kind, none has two.
  const of = (kind: Kind): ReadField | undefined =>
    read.find((one) => one.kind === kind && one.instance === instance);
  const seal = arcField(of("arc-seal"));
  const messageSignature = arcField(of("arc-message-signature"));
  const results = of("arc-authentication-results");
  if (seal === undefined || messageSignature === undefined || results?.reported === undefined)
    return undefined;
  return { instance, seal, messageSignature, results: { text: results.text, reported: results.reported } };
}

const arcField = (read: ReadField | undefined): ArcField | undefined =>
  read?.tags && { field: read.field, text: read.text, tags: read.tags };
