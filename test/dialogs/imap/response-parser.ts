/** What a client understands of one response: words, strings, lists. Strict: an octet out of place is an error. */
export type Item = string | Buffer | null | readonly Item[];

/** Reads whole responses out of what has arrived; what is incomplete stays. */
export function takeResponse(
  octets: Buffer,
): { readonly items: readonly Item[]; readonly rest: Buffer } | undefined {
  const end = responseEnd(octets);
  if (end === undefined) return undefined;
  return { items: parseResponse(octets.subarray(0, end)), rest: octets.subarray(end) };
}

function responseEnd(octets: Buffer): number | undefined {
  let at = 0;
  for (;;) {
    const line = octets.indexOf("\r\n", at);
    if (line < 0) return undefined;
    const announced = /\{([0-9]+)\}$/.exec(octets.toString("latin1", Math.max(at, line - 20), line));
    if (announced === null) return line + 2;
    at = line + 2 + Number(announced[1]);
    if (at > octets.length) return undefined;
  }
}

/** One response with its line end. Text after a tag's OK, NO, BAD is one word. */
export function parseResponse(octets: Buffer): readonly Item[] {
  const reader = new Reader(octets);
  const items: Item[] = [reader.item()];
  while (!reader.atEnd) {
    reader.expect(" ");
    const last = items.at(-1);
    const isStatus = items.length === 2 && /^(?:OK|NO|BAD|BYE|PREAUTH)$/.test(String(last));
    items.push(isStatus || items[0] === "+" ? reader.line() : reader.item());
  }
  return items;
}

class Reader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get atEnd(): boolean {
    return this.#octets.toString("latin1", this.#at) === "\r\n";
  }

  #fail(what: string): never {
    const near = JSON.stringify(this.#octets.toString("latin1", this.#at, this.#at + 40));
    throw new Error(`expected ${what} at ${this.#at}: ${near}`);
  }

  #peek(): string {
    return String.fromCharCode(this.#octets[this.#at] ?? 0);
  }

  expect(text: string): void {
    if (this.#octets.toString("latin1", this.#at, this.#at + text.length) !== text)
      this.#fail(JSON.stringify(text));
    this.#at += text.length;
  }

  line(): string {
    const end = this.#octets.indexOf("\r\n", this.#at);
    const text = this.#octets.toString("latin1", this.#at, end);
    this.#at = end;
    return text;
  }

  item(): Item {
    const next = this.#peek();
    if (next === "(") return this.#list();
    if (next === '"') return this.#quoted();
    if (next === "{" || next === "~") return this.#literal();
    const word = this.#word();
    return word.toUpperCase() === "NIL" ? null : word;
  }

  #list(): readonly Item[] {
    const items: Item[] = [];
    this.expect("(");
    while (this.#peek() !== ")") {
      // Bodies of BODYSTRUCTURE and addresses of ENVELOPE stand without a space between.
      if (items.length > 0 && !(this.#peek() === "(" && Array.isArray(items.at(-1)))) this.expect(" ");
      items.push(this.item());
    }
    this.expect(")");
    return items;
  }

  #quoted(): Buffer {
    const parts = /^"((?:[^"\\\r\n\0]|\\["\\])*)"/.exec(this.#octets.toString("latin1", this.#at));
    if (parts === null) this.#fail("a quoted string");
    this.#at += parts[0].length;
    return Buffer.from((parts[1] ?? "").replace(/\\(["\\])/g, "$1"), "latin1");
  }

  #literal(): Buffer {
    const parts = /^~?\{([0-9]+)\}\r\n/.exec(this.#octets.toString("latin1", this.#at, this.#at + 30));
    if (parts === null) this.#fail("a literal");
    const start = this.#at + parts[0].length;
    this.#at = start + Number(parts[1]);
    if (this.#at > this.#octets.length) this.#fail("more octets");
    return this.#octets.subarray(start, this.#at);
  }

  /** A word may hold a section, with spaces and lists inside its brackets: BODY[HEADER.FIELDS (To Cc)]<0>. */
  #word(): string {
    const text = this.#octets.toString("latin1", this.#at, this.#at + 10_000);
    const found = /^[^ ()"{[\r\n]+(?:\[[^\]\r\n]*\](?:<[0-9]+>)?)?/.exec(text)?.[0];
    if (found === undefined) this.#fail("a word");
    this.#at += found.length;
    return found;
  }
}
