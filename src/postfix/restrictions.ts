import type { PlacedWord, PostfixConfiguration } from "./configuration.ts";
import type { Place } from "./logical-lines.ts";
import { OLD_NAMES, restrictionKind, type RestrictionKind } from "./restriction-names.ts";
import { formatTableReference, parseTableReference, type TableReference } from "./tables/table-reference.ts";
import { insideBraces } from "./words.ts";

/** One rule of a restriction list. */
export type Restriction = Place & {
  /** As written. */
  readonly written: string;
  /** The name of today. */
  readonly name: string;
  readonly argument?: string;
  readonly table?: TableReference;
  /** Behind `warn_if_reject`: only logged. */
  readonly shadow: boolean;
} & (
    | { readonly kind: "known"; readonly what: RestrictionKind }
    /** A name of `smtpd_restriction_classes`. */
    | { readonly kind: "class" }
    | { readonly kind: "unknown" }
  );

/** The lists of smtpd in the order in which Postfix runs them at RCPT TO (S-30). */
export const RESTRICTION_LISTS = [
  "smtpd_client_restrictions",
  "smtpd_helo_restrictions",
  "smtpd_sender_restrictions",
  "smtpd_relay_restrictions",
  "smtpd_recipient_restrictions",
  "smtpd_data_restrictions",
  "smtpd_end_of_data_restrictions",
] as const;

/** Reads the rules of one list or restriction class. A word that is a bare table in such a list is an access table, as in Postfix. */
export function readRestrictions(configuration: PostfixConfiguration, name: string): readonly Restriction[] {
  const classes = new Set(configuration.list("smtpd_restriction_classes").map(({ text }) => text));
  return restrictionsOf(configuration.list(name), classes, bareTableMeans(name));
}

/** Reads the words of a list as rules. */
export function restrictionsOf(
  words: readonly PlacedWord[],
  classes: ReadonlySet<string>,
  bareTable: string,
): readonly Restriction[] {
  const rules: Restriction[] = [];
  let shadow = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as PlacedWord;
    const inner = insideBraces(word.text);
    // A template's block may be glued to a rule: `reject{% for list in lists %}`.
    const bareWord = word.text.replace(/\{%.*$/s, "") || word.text;
    const [first = "", ...rest] = inner === undefined ? [bareWord] : inner.split(/[\s,]+/);
    const bare = parseTableReference(first);
    const name = bare === undefined ? (OLD_NAMES.get(first.toLowerCase()) ?? first.toLowerCase()) : bareTable;
    if (name === "warn_if_reject") {
      shadow = true;
      continue;
    }
    const what = restrictionKind(name);
    const takes = what !== undefined && what.takes !== "nothing";
    const next =
      bare === undefined ? (rest[0] ?? (inner === undefined ? words[i + 1]?.text : undefined)) : first;
    const argument = takes ? next : undefined;
    if (takes && bare === undefined && rest.length === 0 && argument !== undefined) i++;
    rules.push(ruleOf({ word, first, name, what, argument, shadow, isClass: classes.has(first) }));
    shadow = false;
  }
  return rules;
}

type Read = {
  readonly word: PlacedWord;
  readonly first: string;
  readonly name: string;
  readonly what: RestrictionKind | undefined;
  readonly argument: string | undefined;
  readonly shadow: boolean;
  readonly isClass: boolean;
};

function ruleOf({ word, first, name, what, argument, shadow, isClass }: Read): Restriction {
  const table = what?.takes === "table" && argument !== undefined ? parseTableReference(argument) : undefined;
  const common = {
    written: first,
    name,
    line: word.line,
    column: word.column,
    shadow,
    ...(argument === undefined ? {} : { argument }),
    ...(table === undefined ? {} : { table }),
  };
  if (isClass) return { ...common, kind: "class" };
  return what === undefined ? { ...common, kind: "unknown" } : { ...common, kind: "known", what };
}

const bareTableMeans = (list: string): string =>
  `check_${/^smtpd_(client|helo|sender|recipient|relay)_/.exec(list)?.[1]?.replace("relay", "recipient") ?? "client"}_access`;

/** A rule in Postfix's words, by the name of today. */
export function formatRestriction(
  rule: Restriction,
  tableName: (table: TableReference) => string = formatTableReference,
): string {
  const argument = rule.table === undefined ? rule.argument : tableName(rule.table);
  return `${rule.shadow ? "warn_if_reject " : ""}${rule.name}${argument === undefined ? "" : ` ${argument}`}`;
}
