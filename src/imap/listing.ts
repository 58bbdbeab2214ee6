import type { MailboxListing } from "./backend.ts";

export type ListOptions = {
  readonly select: readonly ("SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" | "SPECIAL-USE")[];
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

/** The mailboxes that LIST shows. RFC 9051 §6.3.9, RFC 5258 */
export function listed(
  all: readonly MailboxListing[],
  patterns: readonly (string | undefined)[],
  options: ListOptions,
): Listed[] {
  const parents = new Set(all.flatMap(({ name }) => parentsOf(name)));
  const subscribedBelow = new Set(
    all.filter(({ subscribed }) => subscribed).flatMap(({ name }) => parentsOf(name)),
  );
  return all.flatMap((mailbox) => {
    const matches = patterns.some(
      (pattern) => pattern !== undefined && matchesPattern(mailbox.name, pattern),
    );
    const below = options.select.includes("RECURSIVEMATCH") && subscribedBelow.has(mailbox.name);
    if (!matches || !(isSelected(mailbox, options) || below)) return [];
    const childInfo = below ? ' ("CHILDINFO" ("SUBSCRIBED"))' : "";
    return [
      {
        name: mailbox.name,
        attributes: attributesOf(mailbox, parents, options),
        childInfo,
        exists: mailbox.exists,
      },
    ];
  });
}

const parentsOf = (name: string): string[] => {
  const levels = name.split("/");
  return levels.slice(1).map((_, i) => levels.slice(0, i + 1).join("/"));
};

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
    for (let at = 0; at <= name.length; at++) {
      const stays = symbol === "*" || symbol === "%";
      if (stays && (reachable[at] || (at > 0 && next[at - 1] && (symbol === "*" || name[at - 1] !== "/"))))
        next[at] = 1;
      if (!stays && reachable[at] && name.startsWith(symbol, at)) next[at + symbol.length] = 1;
    }
    reachable = next;
  }
  return reachable[name.length] === 1;
}
