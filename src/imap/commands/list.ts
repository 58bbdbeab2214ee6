import { LOGGED_IN, type Command } from "../command.ts";
import { done } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { IMAP_LIMITS } from "../limits.ts";
import { listed, listedSubscriptions, type Listed, type ListOptions } from "../listing.ts";
import { decodeMailbox, encodeMailbox } from "../mailbox-name.ts";
import type { Modes } from "../modes.ts";
import { formatMailbox } from "../response.ts";
import type { ImapSession } from "../session.ts";
import { statusItems, tellStatus } from "../status-items.ts";

type Arguments = ListOptions & {
  /** Reference and pattern as octets in latin1. */
  readonly patterns: readonly string[];
  readonly status: readonly string[];
};

/** LIST with its extensions. RFC 9051 §6.3.9, RFC 5258, 5819, 6154 */
export const list: Command = {
  states: LOGGED_IN,
  parse(cursor) {
    const options = listArguments(cursor);
    cursor.end();
    return async (session) => {
      if (asksDelimiter(session, options.patterns, "LIST")) return done("Done");
      const patterns = options.patterns.map((pattern) => decodePattern(pattern, session.modes));
      for (const mailbox of listed(await session.account.list(), patterns, options)) {
        tell(session, "LIST", mailbox);
        if (options.status.length > 0 && mailbox.exists)
          await tellStatus(session, mailbox.name, options.status);
        await session.breathe();
      }
      return done("Done");
    };
  },
};

/** LSUB: what is subscribed. RFC 3501 §6.3.9 */
export const lsub: Command = {
  states: LOGGED_IN,
  parse(cursor) {
    cursor.space();
    const reference = cursor.astring().toString("latin1");
    cursor.space();
    const octets = listPattern(cursor);
    if (reference.length + octets.length > IMAP_LIMITS.listPatterns_octets) cursor.fail("a shorter pattern");
    cursor.end();
    return async (session) => {
      if (asksDelimiter(session, [octets], "LSUB")) return done("Done");
      const pattern = decodePattern(reference + octets, session.modes);
      for (const mailbox of listedSubscriptions(await session.account.list(), pattern))
        tell(session, "LSUB", mailbox);
      return done("Done");
    };
  },
};

/** RFC 9051 §6.3.9: an empty pattern asks for the hierarchy delimiter. */
function asksDelimiter(
  session: ImapSession,
  patterns: readonly string[],
  response: "LIST" | "LSUB",
): boolean {
  if (patterns.length !== 1 || patterns[0] !== "") return false;
  session.untagged(`${response} (\\Noselect) "/" ""`);
  return true;
}

function tell(
  session: ImapSession,
  response: "LIST" | "LSUB",
  { name, attributes, childInfo }: Listed,
): void {
  const written = formatMailbox(encodeMailbox(name, session.modes));
  session.untagged(`${response} (${attributes.join(" ")}) "/" ${written}${childInfo}`);
}

const SELECT = ["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"] as const;
const RETURN = ["SUBSCRIBED", "CHILDREN", "SPECIAL-USE"] as const;

/**
 *     list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
 */
function listArguments(cursor: Cursor): Arguments {
  cursor.space();
  const selects = cursor.peek() === "(";
  const select = selects ? cursor.list(() => option(cursor, SELECT), 10) : [];
  if (selects) cursor.space();
  const reference = cursor.astring().toString("latin1");
  cursor.space();
  const many = cursor.peek() === "(";
  const patterns = many
    ? cursor.list(() => listPattern(cursor), IMAP_LIMITS.listPatterns)
    : [listPattern(cursor)];
  // The reference stands before each of them.
  if (patterns.join(reference).length + reference.length > IMAP_LIMITS.listPatterns_octets)
    cursor.fail("shorter patterns");
  const returned = cursor.take(" RETURN ") ? returnOptions(cursor) : undefined;
  // RFC 5258 §3.1: it needs something that children can match.
  if (select.includes("RECURSIVEMATCH") && !(select.includes("SUBSCRIBED") || select.includes("SPECIAL-USE")))
    cursor.fail("SUBSCRIBED or SPECIAL-USE beside RECURSIVEMATCH");
  return {
    patterns: patterns.map((pattern) => (pattern === "" && !many ? "" : reference + pattern)),
    select,
    returns: returned?.returns ?? [],
    status: returned?.status ?? [],
    extended: selects || many || returned !== undefined,
  };
}

function option<Name extends string>(cursor: Cursor, known: readonly Name[]): Name {
  const name = cursor.atom().toUpperCase();
  const found = known.find((word) => word === name);
  if (found === undefined) cursor.fail(`one of ${known.join(", ")}`);
  return found ?? (known[0] as Name);
}

function returnOptions(cursor: Cursor): Pick<Arguments, "returns" | "status"> {
  let status: readonly string[] = [];
  const returns = cursor.list(() => {
    if (!cursor.take("STATUS ")) return option(cursor, RETURN);
    status = statusItems(cursor);
    return "CHILDREN" as const;
  }, 10);
  return { returns, status };
}

/** list-mailbox = 1*list-char / string; octets as latin1, decoded where they are matched. */
function listPattern(cursor: Cursor): string {
  const next = cursor.peek();
  if (next === '"' || next === "{") return cursor.string().toString("latin1");
  const text = cursor.match(/[!#$%&'*+-[\]^-z|}~\u0080-\u00ff]+/y);
  if (text === undefined) cursor.fail("a pattern");
  return text ?? "";
}

/** Octets of a pattern as the names are compared: UTF-8 or modified UTF-7 undone between the wildcards. */
function decodePattern(octets: string, modes: Modes): string | undefined {
  const parts = octets
    .split(/([*%])/)
    .map((part) => (part === "*" || part === "%" ? part : decodeMailbox(Buffer.from(part, "latin1"), modes)));
  return parts.includes(undefined) ? undefined : parts.join("");
}
