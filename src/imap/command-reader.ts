import type { Connection } from "../net/connection.ts";
import { Cursor } from "./cursor.ts";
import type { ImapLimits } from "./limits.ts";

/** What came from the client. */
export type CommandRead =
  | { readonly kind: "command"; readonly tag: string; readonly name: string; readonly cursor: Cursor }
  /** Not a command; the session may go on. */
  | { readonly kind: "bad"; readonly tag: string; readonly text: string }
  /** A literal larger than allowed that has not been sent yet. */
  | { readonly kind: "too-big"; readonly tag: string }
  /** Something that cannot be stepped over: the session ends. */
  | { readonly kind: "hopeless"; readonly text: string }
  | { readonly kind: "closed" }
  | { readonly kind: "timeout" };

export type ReadOptions = {
  readonly limits: ImapLimits;
  readonly loggedIn: boolean;
  readonly deadline_ms: number;
  /** Octets of one literal of APPEND. */
  readonly appendSizeMax: number;
};

type Head = { readonly tag: string; readonly name: string };

/**
 *     command = tag SP command-name … CRLF;  literal = "{" number64 ["+"] "}" CRLF *CHAR8
 *
 * Reads one command with its literals; answers synchronising ones with `+`. RFC 9051 §9, RFC 7888
 */
export async function readCommand(connection: Connection, options: ReadOptions): Promise<CommandRead> {
  const texts: string[] = [];
  const literals: Buffer[] = [];
  let head: Head | undefined;
  let deadline_ms = options.deadline_ms;
  for (;;) {
    const read = await connection.readLine(
      options.loggedIn ? options.limits.line_octets : options.limits.lineBeforeLogin_octets,
      deadline_ms,
    );
    if (read.kind === "closed" || read.kind === "timeout") return read;
    if (read.kind === "too-long") return { kind: "bad", tag: head?.tag ?? "*", text: "Line too long" };
    if (read.bareLf) return { kind: "bad", tag: "*", text: "Lines end in CRLF" };
    const text = read.octets.toString("latin1");
    if (head === undefined && HTTP_REQUEST.test(text))
      return { kind: "hopeless", text: "This is not a web server" };
    head ??= headOf(text);
    if (head === undefined) return { kind: "bad", tag: "*", text: "Expected a tag and a command" };
    texts.push(text);
    const announced = announcedLiteral(text);
    if (announced === undefined)
      return { kind: "command", ...head, cursor: argumentsOf(head, texts, literals) };
    const refusal = refuseLiteral(announced, head, literals, options);
    if (refusal !== undefined) return refusal;
    if (announced.synchronising) connection.write("+ Ready for the literal\r\n");
    deadline_ms = options.limits.literal_ms;
    const literal = await readOctets(connection, announced.octets, deadline_ms);
    if (!Buffer.isBuffer(literal)) return literal;
    literals.push(literal);
  }
}

/** A browser made to speak to us (T-42). */
const HTTP_REQUEST = /^(?:GET|POST|PUT|HEAD|CONNECT|OPTIONS|DELETE|PATCH|TRACE) [^ ]{1,2000} HTTP\//;

/** tag = 1*<any ASTRING-CHAR except "+"> */
function headOf(text: string): Head | undefined {
  const parts = /^([!#$&',-[\]^-z|}~]{1,100}) ([A-Za-z0-9.-]{1,30})(?: |$)/.exec(text);
  return parts ? { tag: parts[1] ?? "", name: (parts[2] ?? "").toUpperCase() } : undefined;
}

function argumentsOf({ tag, name }: Head, texts: readonly string[], literals: readonly Buffer[]): Cursor {
  const [first = "", ...rest] = texts;
  return new Cursor([first.slice(tag.length + 1 + name.length), ...rest], literals);
}

type Announced = { readonly octets: number; readonly synchronising: boolean };

function announcedLiteral(text: string): Announced | undefined {
  const parts = /\{([0-9]{1,19})(\+?)\}$/.exec(text.slice(-24));
  return parts ? { octets: Number(parts[1]), synchronising: parts[2] === "" } : undefined;
}

/** One that waits for our `+` can be refused; one that follows at once cannot be told from commands, so we part (E-10). */
function refuseLiteral(
  announced: Announced,
  head: Head,
  before: readonly Buffer[],
  options: ReadOptions,
): CommandRead | undefined {
  const { limits } = options;
  const isAppend = options.loggedIn && head.name === "APPEND";
  const count = before.length + 1;
  const total = before.reduce((sum, literal) => sum + literal.length, announced.octets);
  const single_max = isAppend
    ? options.appendSizeMax
    : options.loggedIn
      ? limits.literals_octets
      : limits.literalBeforeLogin_octets;
  // A mailbox name and the messages: two messages' worth may be held at once.
  const total_max = isAppend ? 2 * options.appendSizeMax : single_max;
  const count_max = isAppend ? limits.appendMessages + 1 : limits.literalsOfCommand;
  if (announced.octets <= single_max && total <= total_max && count <= count_max) return undefined;
  if (!announced.synchronising) return { kind: "hopeless", text: "Literal too large" };
  return isAppend
    ? { kind: "too-big", tag: head.tag }
    : { kind: "bad", tag: head.tag, text: "Literal too large" };
}

async function readOctets(
  connection: Connection,
  count: number,
  deadline_ms: number,
): Promise<Buffer | { kind: "closed" } | { kind: "timeout" }> {
  const chunks: Buffer[] = [];
  let missing = count;
  while (missing > 0) {
    const read = await connection.read(deadline_ms);
    if (read.kind !== "octets") return read;
    const mine = read.octets.subarray(0, missing);
    if (mine.length < read.octets.length) connection.unread(read.octets.subarray(mine.length));
    chunks.push(mine);
    missing -= mine.length;
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
