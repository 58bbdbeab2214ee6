import { asciiLower } from "../base/ascii.ts";
import { nearest } from "../config/nearest.ts";
import { deadList } from "../dns/dead-lists.ts";
import type { Stage } from "../journal/record.ts";
import { CHECKS } from "./checks.ts";
import type { Check } from "./contract.ts";
import { parseSite, type ListSite } from "./dnsbl.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { tokens, type Token } from "./restriction-tokens.ts";
import { OLD_NAMES, SHADOW_WORDS, UNSUPPORTED } from "./restriction-words.ts";

/** One rule of a list, ready to run. */
export type Rule = {
  /** As written, without the key of a list. */
  readonly text: string;
  /** Recorded, not enforced. */
  readonly shadow: boolean;
  readonly offset: number;
} & (
  | { readonly kind: "check"; readonly check: Check; readonly argument: string; readonly site?: ListSite }
  | { readonly kind: "class"; readonly name: string }
);

/** Something to say about a list: `error` refuses it, `warning` runs but not as its author thinks, `notice` is advice. */
export type PolicyFinding = {
  readonly severity: "error" | "warning" | "notice";
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly message: string;
  readonly suggestion?: string;
};

export type ParsedList = { readonly rules: readonly Rule[]; readonly findings: readonly PolicyFinding[] };

/** What a list may refer to. */
export type Vocabulary = {
  readonly stage: Stage;
  /** Names of restriction classes. */
  readonly classes: ReadonlySet<string>;
  /** Line of the text's first character, to give places in the file. */
  readonly line?: number;
};

/**
 * Reads an ordered list of restrictions in Postfix's syntax. Total; names nobody knows are errors with the nearest
 * known one, lists that are gone are left out with a warning.
 */
export function parseRestrictions(text: string, vocabulary: Vocabulary): ParsedList {
  if (text.length > POLICY_LIMITS.listTextMax) {
    return { rules: [], findings: [tooMuch(vocabulary, "the list is too long")] };
  }
  const reader = new ListReader(text, vocabulary);
  return reader.read();
}

const tooMuch = (vocabulary: Vocabulary, message: string): PolicyFinding => ({
  severity: "error",
  line: vocabulary.line ?? 1,
  column: 1,
  rule: "",
  message,
});

class ListReader {
  readonly #text: string;
  readonly #vocabulary: Vocabulary;
  readonly #rules: Rule[] = [];
  readonly #findings: PolicyFinding[] = [];
  #tokens: readonly Token[] = [];
  #at = 0;

  constructor(text: string, vocabulary: Vocabulary) {
    this.#text = text;
    this.#vocabulary = vocabulary;
  }

  read(): ParsedList {
    const split = tokens(this.#text);
    this.#tokens = split.tokens;
    if (split.unclosed !== undefined) this.#find("error", split.unclosed, "", "a brace that is not closed");
    let shadow = false;
    for (let token = this.#next(); token !== undefined; token = this.#next()) {
      if (this.#rules.length >= POLICY_LIMITS.rulesMax) {
        this.#findings.push(tooMuch(this.#vocabulary, `a list has at most ${POLICY_LIMITS.rulesMax} rules`));
        break;
      }
      if (SHADOW_WORDS.has(asciiLower(token.text))) {
        shadow = true;
        continue;
      }
      this.#rule(token, shadow);
      shadow = false;
    }
    if (shadow)
      this.#find("warning", this.#text.length, "warn_if_reject", "nothing follows that it could apply to");
    return { rules: this.#rules, findings: this.#findings };
  }

  #rule(token: Token, shadow: boolean): void {
    if (token.grouped)
      return this.#find("error", token.offset, token.text, "braces hold arguments, not restrictions");
    // A table without restriction is short for the one that belongs to the list. Postfix SMTPD_ACCESS_README
    if (token.text.includes(":")) return this.#bareTable(token, shadow);
    const written = asciiLower(token.text);
    const name = OLD_NAMES.get(written) ?? written;
    const check = CHECKS.get(name);
    const base = { shadow, offset: token.offset };
    if (this.#vocabulary.classes.has(token.text)) {
      this.#rules.push({ kind: "class", name: token.text, text: token.text, ...base });
    } else if (check !== undefined) {
      this.#check(check, written, token, shadow);
    } else if (UNSUPPORTED.has(name)) {
      this.#unsupported(name, token);
    } else {
      const like = nearest(name, [...CHECKS.keys(), ...OLD_NAMES.keys(), ...this.#vocabulary.classes]);
      const suggestion = like === undefined ? undefined : `Did you mean ${like}?`;
      this.#find("error", token.offset, token.text, "is not a restriction", suggestion);
    }
  }

  #check(check: Check, written: string, token: Token, shadow: boolean): void {
    const base = { kind: "check", check, shadow, offset: token.offset } as const;
    if (check.takes === "nothing") return void this.#rules.push({ ...base, argument: "", text: written });
    const argument = this.#next();
    if (argument === undefined) {
      return this.#find("error", token.offset, written, `needs ${ARGUMENTS[check.takes]}`);
    }
    if (check.takes === "zone") return this.#zone(check, written, token, argument, shadow);
    if (check.takes === "number") {
      if (!/^[0-9]{1,4}$/.test(argument.text)) {
        return this.#find("error", argument.offset, written, `${argument.text} is not ${ARGUMENTS.number}`);
      }
      return void this.#rules.push({ ...base, argument: argument.text, text: `${written} ${argument.text}` });
    }
    const table = tableName(argument.text);
    if (table === undefined) {
      return this.#find("error", argument.offset, written, `${argument.text} is not ${ARGUMENTS.table}`);
    }
    this.#rules.push({ ...base, argument: table, text: `${written} ${argument.text}` });
  }

  #zone(check: Check, written: string, token: Token, argument: Token, shadow: boolean): void {
    const site = parseSite(argument.text);
    if (!site.ok) return this.#find("error", argument.offset, written, site.error);
    const { zone, text } = site.value;
    const fate = deadList(zone);
    if (fate !== undefined) {
      return this.#find(
        "warning",
        argument.offset,
        `${written} ${text}`,
        `ignored: ${zone} is gone: ${fate}`,
      );
    }
    const rule = {
      kind: "check",
      check,
      shadow,
      offset: token.offset,
      argument: zone,
      site: site.value,
    } as const;
    this.#rules.push({ ...rule, text: `${written} ${text}` });
  }

  #bareTable(token: Token, shadow: boolean): void {
    const check = CHECKS.get(TABLE_CHECKS[this.#vocabulary.stage] ?? "");
    const table = tableName(token.text);
    if (check === undefined || table === undefined) {
      return this.#find(
        "error",
        token.offset,
        token.text,
        "a table needs check_client_access or another restriction before it",
      );
    }
    const rule = { kind: "check", check, shadow, offset: token.offset, argument: table } as const;
    this.#rules.push({ ...rule, text: `${check.name} ${token.text}` });
  }

  #unsupported(name: string, token: Token): void {
    const { takes, why, instead } = UNSUPPORTED.get(name) ?? { takes: "nothing", why: "" };
    if (takes === "argument") this.#next();
    this.#find("error", token.offset, name, `is not supported: ${why}`, instead);
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #find(
    severity: PolicyFinding["severity"],
    offset: number,
    rule: string,
    message: string,
    suggestion?: string,
  ): void {
    const place = placeOf(this.#text, offset, this.#vocabulary.line ?? 1);
    this.#findings.push({
      severity,
      ...place,
      rule,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

/** Line and column, both from 1, of an offset. */
export function placeOf(text: string, offset: number, firstLine: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: firstLine + before.split("\n").length - 1, column: offset - lineStart + 1 };
}

const ARGUMENTS = {
  table: "a table like hash:/etc/postfix/clients, cidr:networks or table:clients",
  zone: "the domain of a DNS list",
  number: "a number",
} as const;

const TABLE_CHECKS: Partial<Record<Stage, string>> = {
  connect: "check_client_access",
  helo: "check_helo_access",
  sender: "check_sender_access",
  relay: "check_recipient_access",
  recipient: "check_recipient_access",
};

const TABLE_TYPES = /^(?:proxy:)?(hash|btree|lmdb|cdb|dbm|texthash|cidr|regexp|pcre|table):(.+)$/i;

/** The name under which a table is known here: `clients` of `hash:/etc/postfix/clients`. Other kinds are not had. */
export function tableName(reference: string): string | undefined {
  const path = TABLE_TYPES.exec(reference)?.[2];
  const name = path?.split("/").at(-1) ?? "";
  return name === "" ? undefined : name;
}
