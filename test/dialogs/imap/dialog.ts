/**
 * An IMAP dialog file. First settings, `name: value`, then what goes over the wire:
 *
 *     C: text    a line to the server, CR LF added; neighbouring C and R lines leave in one segment
 *     R: text    octets to the server, \r \n \0 \xNN undone, nothing added
 *     S: text    the server's next line. <word> stands for one word and must be the same wherever it appears, in C lines
 *                too; a final ` ...` stands for any rest of the line; \xNN is one octet
 *     S?: text   lines may come before this one
 *     C2: S2:    the same for a second client (C3: S3: for a third)
 *     TLS        the client begins its handshake
 *     CLOSED     the server has closed and said nothing more
 *     HANGUP     the client closes
 *     SHUTDOWN   the server is told to stop
 *     DELIVER: text   a message with that subject arrives in INBOX
 *     QUIET: n   the server says nothing for n milliseconds
 *
 * Settings: `tls: implicit | starttls | none` (implicit is the default), `login: no` (else every client is logged in when
 * the dialog begins), `mail: name` (what INBOX holds, see `mail.ts`), `manner: refuses | throttled | broken`,
 * `quota: octets`, `append: octets`, `engine: memory` (where a store of its own kind is no help), `limit-NAME: n`.
 * `C*20:` repeats. `#` begins a comment line.
 */
export type Dialog = {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly moves: readonly DialogMove[];
};

export type DialogMove = { readonly line: number; readonly client: number } & (
  | { readonly kind: "send"; readonly octets: string }
  | { readonly kind: "expect"; readonly text: string; readonly soon: boolean }
  | { readonly kind: "deliver"; readonly subject: string }
  | { readonly kind: "quiet"; readonly duration_ms: number }
  | { readonly kind: "tls" | "closed" | "hangup" | "shutdown" }
);

const SETTING = /^(tls|login|mail|manner|quota|append|engine|limit-[A-Za-z_]+): (.*)$/;
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
    const setting = SETTING.exec(source);
    if (setting) settings.set(setting[1] ?? "", setting[2] ?? "");
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
  if (move.kind === "send" && last?.kind === "send" && last.client === move.client) {
    moves[moves.length - 1] = { ...last, octets: last.octets + move.octets };
  } else moves.push(move);
}

function parseMove(source: string, line: number): DialogMove | undefined {
  const word = WORDS[source.replace(/[23]$/, "")];
  if (word !== undefined) return { kind: word, line, client: Number(/[23]$/.exec(source)?.[0] ?? 1) };
  const [, kind = "", which = "1", soon = "", times = "1", text = ""] =
    /^([A-Z]+?)([23])?(\?)?(?:\*([0-9]+))?:(?: (.*))?$/.exec(source) ?? [];
  const client = Number(which);
  switch (kind) {
    case "C":
      return { kind: "send", octets: unescape(`${text}\\r\\n`.repeat(Number(times))), line, client };
    case "R":
      return { kind: "send", octets: unescape(text.repeat(Number(times))), line, client };
    case "S":
      return { kind: "expect", text, soon: soon !== "", line, client };
    case "DELIVER":
      return { kind: "deliver", subject: text, line, client };
    case "QUIET":
      return { kind: "quiet", duration_ms: Number(text), line, client };
    default:
      return undefined;
  }
}

/** Octets as latin1; the file's own UTF-8 goes out as it stands. */
export function unescape(text: string): string {
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/\\(?:x([0-9a-f]{2})|([rn0]))/g, (_all, hex?: string, name?: string) =>
      hex === undefined ? (ESCAPES[name ?? ""] ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", "0": "\0" };
