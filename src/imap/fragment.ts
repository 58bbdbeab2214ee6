import type { Clock } from "../base/clock.ts";
import type { Connection, ReadEnd } from "../net/connection.ts";
import { Cursor } from "./cursor.ts";
import type { ImapLimits } from "./limits.ts";

/** What came from the client: one command with its literals, or why there is none. */
export type CommandRead =
  | { readonly kind: "command"; readonly tag: string; readonly name: string; readonly cursor: Cursor }
  /** Not a command; the session may go on. */
  | { readonly kind: "bad"; readonly tag: string; readonly text: string }
  /** A message larger than allowed that has not been sent yet. */
  | { readonly kind: "too-big"; readonly tag: string }
  /** Something that cannot be stepped over: what follows may be data or commands. The session ends. */
  | { readonly kind: "hopeless"; readonly text: string }
  | ReadEnd;

export type ReadOptions = {
  readonly limits: ImapLimits;
  readonly clock: Clock;
  readonly loggedIn: boolean;
  /** Time for the command to begin. */
  readonly deadline_ms: number;
  /** Octets of one literal of APPEND. */
  readonly appendSizeMax: number;
};

type Head = { readonly tag: string; readonly name: string };

/**
 *     command = tag SP command-name … CRLF;  literal = ["~"] "{" number64 ["+"] "}" CRLF *CHAR8
 *
 * Reads one command with its literals; answers synchronising ones with `+`. RFC 9051 §9, RFC 7888
 */
export async function readCommand(connection: Connection, options: ReadOptions): Promise<CommandRead> {
  const { limits, loggedIn, clock } = options;
  const line_max = loggedIn ? limits.line_octets : limits.lineBeforeLogin_octets;
  const texts: string[] = [];
  const literals: Buffer[] = [];
  let head: Head | undefined;
  let deadline_ms = options.deadline_ms;
  let until_ms: number | undefined;
  for (;;) {
    const line = await connection.readLine(line_max, deadline_ms);
    if (line.kind === "closed" || line.kind === "timeout") return line;
    // How a line ends says whether data follows; of one too long we have not seen the end.
    if (line.kind === "too-long") return { kind: "hopeless", text: "Line too long" };
    const text = line.octets.toString("latin1");
    const announced = announcedLiteral(text);
    const fault = faultOf(text, line.bareLf, head);
    head ??= headOf(text);
    if (fault !== undefined || head === undefined) return refuse(fault ?? "Not a command", announced);
    texts.push(text);
    if (announced === undefined)
      return { kind: "command", ...head, cursor: argumentsOf(head, texts, literals) };
    const refusal = refuseLiteral(announced, head, literals, options);
    if (refusal !== undefined) return refusal;
    if (announced.synchronising) connection.write("+ Ready for the literal\r\n");
    until_ms = (until_ms ?? clock.now() + timeFor(options)) + announced.octets / limits.slowest_octets_ms;
    const literal = await readOctets(connection, announced.octets, clock, until_ms);
    if (!Buffer.isBuffer(literal)) return literal;
    literals.push(literal);
    deadline_ms = Math.max(1, until_ms - clock.now());
  }
}

/** Before login the whole command must come in the time there is for the login (D-19). */
const timeFor = ({ loggedIn, deadline_ms, limits }: ReadOptions): number =>
  loggedIn ? limits.command_ms : Math.min(deadline_ms, limits.command_ms);

/** Any method, any target: a browser that was made to speak to us (T-42). */
const HTTP_REQUEST = /^[A-Za-z]{1,20} (?:\/|[^ ]{1,4000} HTTP\/[0-9])/;
const NOT_FOR_THE_WEB = "This is not a web server";

function faultOf(text: string, bareLf: boolean, head: Head | undefined): string | undefined {
  if (head === undefined && HTTP_REQUEST.test(text)) return NOT_FOR_THE_WEB;
  return bareLf ? "Lines end in CRLF" : undefined;
}

/** After data that follows at once we cannot tell it from commands. */
function refuse(text: string, announced: Announced | undefined): CommandRead {
  const hopeless = text === NOT_FOR_THE_WEB || announced?.synchronising === false;
  return hopeless ? { kind: "hopeless", text } : { kind: "bad", tag: "*", text };
}

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

/** One that waits for our `+` can be refused; one that follows at once ends the session (E-10). */
function refuseLiteral(
  announced: Announced,
  head: Head,
  before: readonly Buffer[],
  options: ReadOptions,
): CommandRead | undefined {
  const { limits, loggedIn } = options;
  const isAppend = loggedIn && head.name === "APPEND";
  const total = before.reduce((sum, literal) => sum + literal.length, announced.octets);
  const single_max = isAppend
    ? options.appendSizeMax
    : loggedIn
      ? limits.literals_octets
      : limits.literalBeforeLogin_octets;
  // MULTIAPPEND: several messages, but no more than two of the largest in memory at once.
  const total_max = isAppend ? 2 * options.appendSizeMax : single_max;
  const count_max = isAppend ? limits.appendMessages + 1 : limits.literalsOfCommand;
  if (announced.octets <= single_max && total <= total_max && before.length < count_max) return undefined;
  if (!announced.synchronising) return { kind: "hopeless", text: "Literal too large" };
  return isAppend
    ? { kind: "too-big", tag: head.tag }
    : { kind: "bad", tag: head.tag, text: "Literal too large" };
}

/** Into one buffer of the announced size, whose pages cost nothing before they are filled. */
async function readOctets(
  connection: Connection,
  count: number,
  clock: Clock,
  until_ms: number,
): Promise<Buffer | ReadEnd> {
  const octets = Buffer.allocUnsafeSlow(count);
  let done = 0;
  while (done < count) {
    const read = await connection.read(Math.max(1, until_ms - clock.now()));
    if (read.kind !== "octets") return read;
    const mine = read.octets.subarray(0, count - done);
    if (mine.length < read.octets.length) connection.unread(read.octets.subarray(mine.length));
    octets.set(mine, done);
    done += mine.length;
  }
  return octets;
}
