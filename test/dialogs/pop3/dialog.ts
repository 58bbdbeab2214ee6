/**
 * A POP3 dialog file. First settings, `name: value`, then what goes over the wire:
 *
 *     C: text    a line to the server, CR LF added; neighbouring C and R lines leave in one segment
 *     R: text    octets to the server, \r \n \0 \xNN undone, nothing added
 *     S: text    the server's next line, exactly; a trailing * stands for any rest
 *     TLS        the client begins its handshake
 *     CLOSED     the server has closed and said nothing more
 *     HANGUP     the client closes
 *     SHUTDOWN   the server is told to stop
 *     LEFT: n    so many messages are in the maildrop
 *
 * Settings: `tls: implicit | stls | none` (implicit is the default), `drop: name` (a maildrop of `maildrops.ts`),
 * `backend: busy | broken | refuses`. `C*20:` repeats. `#` begins a comment line.
 */
export type Dialog = {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly moves: readonly DialogMove[];
};

export type DialogMove = { readonly line: number } & (
  | { readonly kind: "send"; readonly octets: Buffer }
  | { readonly kind: "expect"; readonly text: string }
  | { readonly kind: "left"; readonly count: number }
  | { readonly kind: "tls" | "closed" | "hangup" | "shutdown" }
);

const SETTINGS: readonly string[] = ["tls", "drop", "backend"];
const WORDS: Readonly<Record<string, "tls" | "closed" | "hangup" | "shutdown">> = {
  TLS: "tls",
  CLOSED: "closed",
  HANGUP: "hangup",
  SHUTDOWN: "shutdown",
};

export function parseDialog(name: string, text: string): Dialog {
  const settings = new Map<string, string>();
  const moves: DialogMove[] = [];
  for (const [index, source] of text.split("\n").entries()) {
    if (source.trim() === "" || source.startsWith("#")) continue;
    const [, setting = "", value = ""] = /^([a-z]+): (.*)$/.exec(source) ?? [];
    if (SETTINGS.includes(setting)) settings.set(setting, value);
    else
      append(moves, parseMove(source, index + 1) ?? fail(`${name}:${index + 1}: not understood: ${source}`));
  }
  return { name, settings, moves };
}

function fail(message: string): never {
  throw new Error(message);
}

function append(moves: DialogMove[], move: DialogMove): void {
  const last = moves.at(-1);
  if (move.kind === "send" && last?.kind === "send") {
    moves[moves.length - 1] = { ...last, octets: Buffer.concat([last.octets, move.octets]) };
  } else moves.push(move);
}

function parseMove(source: string, line: number): DialogMove | undefined {
  const word = WORDS[source];
  if (word !== undefined) return { kind: word, line };
  const [, kind = "", times = "1", text = ""] = /^([A-Z]+)(?:\*([0-9]+))?:(?: (.*))?$/.exec(source) ?? [];
  switch (kind) {
    case "C":
      return { kind: "send", octets: Buffer.from(`${text}\r\n`.repeat(Number(times))), line };
    case "R":
      return { kind: "send", octets: unescape(text.repeat(Number(times))), line };
    case "S":
      return { kind: "expect", text, line };
    case "LEFT":
      return { kind: "left", count: Number(text), line };
    default:
      return undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", "0": "\0", "\\": "\\" };

const unescape = (text: string): Buffer =>
  Buffer.concat(
    [...text.matchAll(/\\x[0-9a-f]{2}|\\.|[^\\]+/gu)].map(([part]) => {
      if (part.startsWith("\\x")) return Buffer.from([Number.parseInt(part.slice(2), 16)]);
      return Buffer.from(part.startsWith("\\") ? (ESCAPES[part.slice(1)] ?? part) : part);
    }),
  );
