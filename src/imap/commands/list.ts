import { LOGGED_IN, type Command } from "../command.ts";
import { done } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { IMAP_LIMITS } from "../limits.ts";
import { listed, type ListOptions } from "../listing.ts";
import { decodeMailbox, encodeMailbox } from "../mailbox-name.ts";
import type { Modes } from "../modes.ts";
import { formatMailbox } from "../response.ts";
import type { ImapSession } from "../session.ts";
import { formatStatus, statusItems } from "../status-items.ts";

type Arguments = ListOptions & {
  readonly reference: string;
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
      await tellList(session, options, "LIST");
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
    const patterns = [listPattern(cursor)];
    cursor.end();
    return async (session) => {
      const options = {
        reference,
        patterns,
        select: ["SUBSCRIBED"],
        returns: [],
        status: [],
        extended: false,
      } as const;
      await tellList(session, options, "LSUB");
      return done("Done");
    };
  },
};

const SELECT = ["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"] as const;
const RETURN = ["SUBSCRIBED", "CHILDREN", "SPECIAL-USE"] as const;

/**
 *     list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
 */
function listArguments(cursor: Cursor): Arguments {
  cursor.space();
  let select: ListOptions["select"] = [];
  let extended = false;
  if (cursor.peek() === "(") {
    select = cursor.list(() => option(cursor, SELECT), 10);
    cursor.space();
    extended = true;
  }
  const reference = cursor.astring().toString("latin1");
  cursor.space();
  const many = cursor.peek() === "(";
  const patterns = many
    ? cursor.list(() => listPattern(cursor), IMAP_LIMITS.listPatterns)
    : [listPattern(cursor)];
  const returned = cursor.take(" RETURN ") ? returnOptions(cursor) : { returns: [], status: [] };
  // RFC 5258 §3.5: RECURSIVEMATCH needs something to match.
  if (select.includes("RECURSIVEMATCH") && !select.includes("SUBSCRIBED"))
    cursor.fail("SUBSCRIBED beside RECURSIVEMATCH");
  return {
    reference,
    patterns,
    select,
    ...returned,
    extended: extended || many || returned.returns.length > 0,
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
  const text =
    next === '"' || next === "{"
      ? cursor.string().toString("latin1")
      : (cursor.match(/[!#$%&'*+-[\]^-z|}~\u0080-\u00ff]+/y) ?? "");
  if (text.length > IMAP_LIMITS.listPattern_octets) cursor.fail("a shorter pattern");
  return text;
}

async function tellList(session: ImapSession, options: Arguments, response: "LIST" | "LSUB"): Promise<void> {
  const { modes } = session;
  // RFC 9051 §6.3.9: an empty pattern asks for the hierarchy delimiter.
  if (options.patterns.length === 1 && options.patterns[0] === "")
    return session.untagged(`${response} (\\Noselect) "/" ""`);
  const patterns = options.patterns.map((pattern) => decodePattern(options.reference + pattern, modes));
  for (const { name, attributes, childInfo, exists } of listed(
    await session.account.list(),
    patterns,
    options,
  )) {
    session.untagged(
      `${response} (${attributes.join(" ")}) "/" ${formatMailbox(encodeMailbox(name, modes))}${childInfo}`,
    );
    if (options.status.length > 0 && exists) await tellStatus(session, name, options.status);
    await session.breathe();
  }
}

async function tellStatus(session: ImapSession, name: string, items: readonly string[]): Promise<void> {
  const status = await session.account.status(name);
  if (status.ok)
    session.untagged(
      `STATUS ${formatMailbox(encodeMailbox(name, session.modes))} ${formatStatus(items, status.value)}`,
    );
}

/** Octets of a pattern as the names are compared: UTF-8 or modified UTF-7 undone between the wildcards. */
function decodePattern(octets: string, modes: Modes): string | undefined {
  const parts = octets
    .split(/([*%])/)
    .map((part) => (part === "*" || part === "%" ? part : decodePart(part, modes)));
  return parts.includes(undefined) ? undefined : parts.join("");
}

const decodePart = (octets: string, modes: Modes): string | undefined =>
  decodeMailbox(Buffer.from(octets, "latin1"), modes);
