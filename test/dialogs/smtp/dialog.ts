/**
 * A dialog file. First settings, `name: value`, then what goes over the wire:
 *
 *     C: text      a line to the server, CR LF added; neighbouring C and R lines leave in one segment
 *     R: text      octets to the server with \r \n \0 \t \\ \xNN undone and nothing added
 *     S: text      the server's next line, exactly; a trailing * stands for any rest
 *     TLS          the client begins its handshake
 *     CLOSED       the server has closed
 *     HANGUP       the client closes
 *     MESSAGES: n  so many messages have been stored
 *     BODY: text   the last one's octets, escaped as in R
 *     SHUTDOWN     the server is told to stop
 *
 * `C*3:` and `S*3:` repeat; `%d` counts from 1. `#` begins a comment line.
 */
export type Dialog = {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly moves: readonly DialogMove[];
};

export type DialogMove =
  | { readonly kind: "send"; readonly octets: Buffer; readonly line: number }
  | { readonly kind: "expect"; readonly text: string; readonly line: number }
  | { readonly kind: "tls" | "closed" | "hangup" | "shutdown"; readonly line: number }
  | { readonly kind: "messages"; readonly count: number; readonly line: number }
  | { readonly kind: "body"; readonly octets: Buffer; readonly line: number };

const SETTINGS = ["profile", "offers", "limit", "size"];

export function parseDialog(name: string, text: string): Dialog {
  const settings = new Map<string, string>();
  const moves: DialogMove[] = [];
  text.split("\n").forEach((source, index) => {
    if (source.trim() === "" || source.startsWith("#")) return;
    const setting = /^([a-z]+): (.*)$/.exec(source);
    if (setting?.[1] !== undefined && SETTINGS.includes(setting[1])) {
      settings.set(setting[1], setting[2] ?? "");
      return;
    }
    const parsed = parseMoves(source, index + 1);
    if (parsed.length === 0) throw new Error(`${name}:${index + 1}: not understood: ${source}`);
    for (const move of parsed) append(moves, move);
  });
  return { name, settings, moves };
}

function append(moves: DialogMove[], move: DialogMove): void {
  const last = moves.at(-1);
  if (move.kind === "send" && last?.kind === "send") {
    moves[moves.length - 1] = { ...last, octets: Buffer.concat([last.octets, move.octets]) };
  } else {
    moves.push(move);
  }
}

function parseMoves(source: string, line: number): DialogMove[] {
  if (source === "TLS" || source === "CLOSED" || source === "HANGUP" || source === "SHUTDOWN") {
    return [{ kind: source.toLowerCase() as "tls", line }];
  }
  const [, word = "", times = "1", text = ""] = /^([A-Z]+)(?:\*([0-9]+))?:(?: (.*))?$/.exec(source) ?? [];
  const numbered = Array.from({ length: Number(times) }, (_, i) => text.replaceAll("%d", String(i + 1)));
  switch (word) {
    case "C":
      return [{ kind: "send", octets: Buffer.from(numbered.map((one) => `${one}\r\n`).join("")), line }];
    case "R":
      return [{ kind: "send", octets: Buffer.concat(numbered.map(unescape)), line }];
    case "S":
      return numbered.map((one) => ({ kind: "expect", text: one, line }));
    case "MESSAGES":
      return [{ kind: "messages", count: Number(text), line }];
    case "BODY":
      return [{ kind: "body", octets: unescape(text), line }];
    default:
      return [];
  }
}

const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

function unescape(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const [part] of text.matchAll(/\\x[0-9a-f]{2}|\\.|[^\\]+/gu)) {
    if (part.startsWith("\\x")) parts.push(Buffer.from([Number.parseInt(part.slice(2), 16)]));
    else if (part.startsWith("\\")) parts.push(Buffer.from(ESCAPES[part.slice(1)] ?? part));
    else parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}
