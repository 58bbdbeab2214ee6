import { whenHere, type Soon } from "../base/soon.ts";
import type { TableAnswer } from "./ask.ts";
import type { Check, CheckContext, Subject } from "./contract.ts";
import { parseTableAction } from "./table-action.ts";
import type { TableSearch } from "./table-search.ts";
import {
  deferIfPermit,
  deferIfReject,
  dunno,
  type Evidence,
  misconfigured,
  noOpinion,
  permit,
  refuse,
  type Verdict,
} from "./verdict.ts";

/** Looks into an access table and says what the entry found means for this subject; undefined without an entry. */
export const lookUpAccess = (
  context: CheckContext,
  search: TableSearch,
  subject: Subject,
): Soon<Verdict | undefined> =>
  whenHere(context.ask.table(context.argument, search), (answer) => entryVerdict(answer, subject, context));

function entryVerdict(answer: TableAnswer, subject: Subject, context: CheckContext): Verdict | undefined {
  if (answer === "none") return undefined;
  if (answer === "no-such-table") return misconfigured("no-such-table", { table: context.argument });
  const evidence = { table: context.argument, key: answer.key, value: answer.value };
  return accessVerdict(answer.value, subject, context, evidence);
}

/** As `lookUpAccess`; no entry means no opinion. */
export const accessOr = (context: CheckContext, search: TableSearch, subject: Subject): Soon<Verdict> =>
  whenHere(lookUpAccess(context, search, subject), (verdict) => verdict ?? NO_ENTRY);

const NO_ENTRY = noOpinion("no-entry");

function accessVerdict(value: string, subject: Subject, context: CheckContext, evidence: Evidence): Verdict {
  const { codes } = context.settings;
  const action = parseTableAction(value);
  const words = (text: string, otherwise: string): string =>
    `<${subject.name}>: ${subject.what} rejected: ${text === "" ? otherwise : text}`;
  switch (action.kind) {
    case "ok":
      return permit(evidence, "table-ok");
    case "dunno":
      return dunno(evidence, "table-dunno");
    case "refuse":
      return refuse(
        action.code ?? codes.accessTable,
        subjectCode(action.enhanced, subject),
        words(action.text, "Access denied"),
        "table-reject",
        evidence,
      );
    case "defer":
      return refuse(
        codes.defer,
        subjectCode(action.enhanced, subject),
        words(action.text, "Access denied"),
        "table-defer",
        evidence,
      );
    case "defer-if-permit": {
      const text = words(action.text, "Service unavailable");
      return deferIfPermit(text, subjectCode(action.enhanced, subject), "table-defer-if-permit", evidence);
    }
    case "defer-if-reject": {
      const text = words(action.text, "Service unavailable");
      return deferIfReject(text, subjectCode(action.enhanced, subject), "table-defer-if-reject", evidence);
    }
    case "discard":
      // Nothing is accepted and then dropped: what an operator wants gone is refused.
      return refuse(codes.accessTable, "5.7.1", words("", "Access denied"), "table-discard", evidence);
    case "tag":
      return {
        kind: "tag",
        reason: `table-${action.tag}`,
        evidence,
        tag: { kind: action.tag, value: action.value },
      };
    case "skip":
      return dunno({ ...evidence, why: action.why }, "entry-skipped");
    case "run":
      return { kind: "run", rules: action.rules, evidence };
  }
}

/**
 * Address codes (x.1.y, RFC 3463 §3.2) speak of sender or recipient: a table shared by both gets the right one, and one
 * about a client or HELO none. Measured at Postfix 3.7.
 */
function subjectCode(enhanced: string, { what }: Subject): string {
  const [, start, detail] = /^([245])\.1\.([0-9]+)$/.exec(enhanced) ?? [];
  if (start === undefined || detail === undefined) return enhanced;
  if (what === SUBJECTS.sender) return `${start}.1.${SENDER_DETAILS[Number(detail)] ?? 0}`;
  if (what === SUBJECTS.recipient) return `${start}.1.${RECIPIENT_DETAILS[Number(detail)] ?? 0}`;
  return `${start}.0.0`;
}

const SENDER_DETAILS: readonly number[] = [0, 7, 8, 7, 7, 0, 7, 7, 8];
const RECIPIENT_DETAILS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 3, 2];

/** Postfix's words for what was refused. */
export const SUBJECTS = {
  client: "Client host",
  reverseClient: "Unverified Client host",
  helo: "Helo command",
  sender: "Sender address",
  recipient: "Recipient address",
  login: "SASL login name",
  data: "Data command",
  endOfData: "End-of-data",
} as const;

/** The checks of the family `check_*_access` that look up one search. */
export function accessCheck(
  name: string,
  find: (context: CheckContext) => { readonly search: TableSearch; readonly subject: Subject } | undefined,
  permits?: Check["permits"],
): Check {
  const check: Check = {
    name,
    takes: "table",
    run(context) {
      const found = find(context);
      return found === undefined
        ? noOpinion("not-applicable")
        : accessOr(context, found.search, found.subject);
    },
  };
  return permits === undefined ? check : { ...check, permits };
}
