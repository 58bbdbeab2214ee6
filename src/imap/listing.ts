import type { MailboxListing } from "./backend.ts";

export type SelectOption = "SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" | "SPECIAL-USE";

export type ListOptions = {
  readonly select: readonly SelectOption[];
  readonly returns: readonly ("SUBSCRIBED" | "CHILDREN" | "SPECIAL-USE")[];
  /** The client used the extended form, and so knows \NonExistent. */
  readonly extended: boolean;
};

export type Listed = {
  readonly name: string;
  readonly attributes: readonly string[];
  /** `("CHILDINFO" ("SUBSCRIBED"))` with a space before it, or nothing. */
  readonly childInfo: string;
  readonly exists: boolean;
};

/** The mailboxes that LIST shows; an undefined pattern matches none. RFC 9051 §6.3.9, RFC 5258 */
export function listed(
  known: readonly MailboxListing[],
  patterns: readonly (string | undefined)[],
  options: ListOptions,
): Listed[] {
  const parents = parentsOf(known.filter(({ exists }) => exists));
  const recursive = options.select.includes("RECURSIVEMATCH");
  const below = recursive ? parentsOf(known.filter((one) => isSelected(one, options))) : new Set<string>();
  const matches = (name: string): boolean =>
    patterns.some((pattern) => pattern !== undefined && matchesPattern(name, pattern));
  return withParents(known, below).flatMap((mailbox) => {
    const { name, exists } = mailbox;
    if (!(isSelected(mailbox, options) || below.has(name)) || !matches(name)) return [];
    const childInfo = below.has(name) ? ` ("CHILDINFO" (${criteriaOf(options)}))` : "";
    return [{ name, attributes: attributesOf(mailbox, parents, options), childInfo, exists }];
  });
}

/** LSUB. Of what is subscribed below the level a `%` shows, the parent stands for it, with \Noselect. RFC 3501 §6.3.9 */
export function listedSubscriptions(known: readonly MailboxListing[], pattern: string | undefined): Listed[] {
  if (pattern === undefined) return [];
  const subscribed = known.filter((one) => one.subscribed);
  const below = pattern.endsWith("%") ? parentsOf(subscribed) : new Set<string>();
  return withParents(known, below).flatMap((mailbox) => {
    const { name, exists } = mailbox;
    if (!(mailbox.subscribed || below.has(name)) || !matchesPattern(name, pattern)) return [];
    const attributes = exists && mailbox.subscribed ? [] : ["\\Noselect"];
    return [{ name, attributes, childInfo: "", exists }];
  });
}

const criteriaOf = ({ select }: ListOptions): string =>
  select
    .filter((option) => option === "SUBSCRIBED" || option === "SPECIAL-USE")
    .map((option) => `"${option}"`)
    .join(" ");

function parentsOf(mailboxes: readonly MailboxListing[]): Set<string> {
  const parents = new Set<string>();
  for (const { name } of mailboxes) {
    for (let at = name.indexOf("/"); at > 0; at = name.indexOf("/", at + 1)) parents.add(name.slice(0, at));
  }
  return parents;
}

/** The names we know and those of parents we do not. */
function withParents(known: readonly MailboxListing[], parents: ReadonlySet<string>): MailboxListing[] {
  const names = new Set(known.map(({ name }) => name));
  const missing = [...parents].filter((name) => !names.has(name));
  return [...known, ...missing.map((name) => ({ name, exists: false, subscribed: false }))];
}

function isSelected(mailbox: MailboxListing, { select }: ListOptions): boolean {
  if (select.includes("SUBSCRIBED") && !mailbox.subscribed) return false;
  if (select.includes("SPECIAL-USE") && mailbox.specialUse === undefined) return false;
  // A subscription to nothing shows only where subscriptions are asked for.
  return mailbox.exists || !mailbox.subscribed || select.includes("SUBSCRIBED");
}

function attributesOf(mailbox: MailboxListing, parents: ReadonlySet<string>, options: ListOptions): string[] {
  const { subscribed, specialUse, exists, name } = mailbox;
  const tellsSubscribed = options.select.includes("SUBSCRIBED") || options.returns.includes("SUBSCRIBED");
  return [
    ...(exists ? [] : [options.extended ? "\\NonExistent" : "\\Noselect"]),
    parents.has(name) ? "\\HasChildren" : "\\HasNoChildren",
    ...(subscribed && tellsSubscribed ? ["\\Subscribed"] : []),
    ...(specialUse === undefined ? [] : [specialUse]),
  ];
}

/**
 * `*` matches anything, `%` anything within a level; INBOX is matched without case. One pass over name times pattern,
 * whatever the wildcards (D-43).
 */
export function matchesPattern(name: string, pattern: string): boolean {
  const wanted = /^inbox(?=$|\/|[*%])/i.test(pattern) ? `INBOX${pattern.slice(5)}` : pattern.normalize("NFC");
  let reachable = new Uint8Array(name.length + 1);
  reachable[0] = 1;
  for (const symbol of wanted) {
    const next = new Uint8Array(name.length + 1);
    const wild = symbol === "*" || symbol === "%";
    let alive = false;
    for (let at = 0; at <= name.length; at++) {
      if (wild) {
        const walks = at > 0 && next[at - 1] === 1 && (symbol === "*" || name[at - 1] !== "/");
        if (reachable[at] === 1 || walks) next[at] = 1;
        alive ||= next[at] === 1;
      } else if (reachable[at] === 1 && name.startsWith(symbol, at)) {
        next[at + symbol.length] = 1;
        alive = true;
      }
    }
    if (!alive) return false;
    reachable = next;
  }
  return reachable[name.length] === 1;
}
