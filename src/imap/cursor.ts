/**
 * Reads a command from left to right. After the first mismatch it is `failed`: every further read gives an empty
 * value and moves nothing, so that grammar reads straight on and asks once at the end. Total by construction.
 */
export class Cursor {
  readonly #texts: readonly string[];
  readonly #literals: readonly Buffer[];
  #segment = 0;
  #at = 0;
  #fault: string | undefined;

  /** `texts`: the lines, octets as latin1, each but the last ending in the `{n}` of the literal that follows it. */
  constructor(texts: readonly string[], literals: readonly Buffer[]) {
    this.#texts = texts;
    this.#literals = literals;
  }

  get failed(): boolean {
    return this.#fault !== undefined;
  }

  get fault(): string {
    return this.#fault ?? "";
  }

  get atEnd(): boolean {
    return this.#segment === this.#texts.length - 1 && this.#at === this.#line.length;
  }

  get #line(): string {
    return this.#texts[this.#segment] ?? "";
  }

  fail(what: string): void {
    this.#fault ??= `expected ${what} at ${JSON.stringify(this.#line.slice(this.#at, this.#at + 20))}`;
  }

  /** The next character, empty at the end of a line. */
  peek(): string {
    return this.failed ? "" : (this.#line[this.#at] ?? "");
  }

  /** Takes `text` if it comes next; letters compare without case. */
  take(text: string): boolean {
    if (
      this.failed ||
      this.#line.slice(this.#at, this.#at + text.length).toUpperCase() !== text.toUpperCase()
    )
      return false;
    this.#at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail(JSON.stringify(text));
  }

  space(): void {
    this.expect(" ");
  }

  end(): void {
    if (!this.atEnd) this.fail("the end of the command");
  }

  /** Takes what a sticky expression matches; it must be linear. */
  match(expression: RegExp): string | undefined {
    if (this.failed) return undefined;
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#line)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** 1*<any ATOM-CHAR>. RFC 9051 §9 */
  atom(): string {
    return this.#need(/[!#$&'+-[^-z|}~]+/y, "a word");
  }

  /** Digits as a number below 2^32. */
  number(): number {
    const value = Number(this.#need(/[0-9]{1,10}/y, "a number") || 0);
    if (value > 0xffff_ffff) this.fail("a number below 2^32");
    return value;
  }

  /** Digits as number64 or mod-sequence-value. What we count stays below 2^53, so a larger number means as much as that one. */
  number64(): number {
    const value = Number(this.#need(/[0-9]{1,19}/y, "a number") || 0);
    return Math.min(value, Number.MAX_SAFE_INTEGER);
  }

  /** quoted / literal */
  string(): Buffer {
    return this.peek() === '"' ? this.#quoted() : this.literal();
  }

  /** 1*ASTRING-CHAR / string */
  astring(): Buffer {
    const next = this.peek();
    if (next === '"' || next === "{") return this.string();
    return Buffer.from(this.#need(/[!#$&'+-[\]^-z|}~\u0080-\u00ff]+/y, "a word or string"), "latin1");
  }

  /** string / nil */
  nstring(): Buffer | undefined {
    return this.take("NIL") ? undefined : this.string();
  }

  get atLiteral(): boolean {
    return this.peek() === "{" || (this.peek() === "~" && this.#line[this.#at + 1] === "{");
  }

  /** literal / literal8 */
  literal(): Buffer {
    const octets = this.#literals[this.#segment];
    if (this.failed || octets === undefined || !/^~?\{[0-9]+\+?\}$/.test(this.#line.slice(this.#at))) {
      this.fail("a string");
      return Buffer.alloc(0);
    }
    this.#segment++;
    this.#at = 0;
    return octets;
  }

  /** "(" [item *(SP item)] ")"; at most `max` items. */
  list<T>(item: () => T, max: number): T[] {
    const items: T[] = [];
    this.expect("(");
    while (!this.failed && !this.take(")")) {
      if (items.length > 0) this.space();
      items.push(item());
      if (items.length > max) this.fail(`at most ${max} items`);
    }
    return items;
  }

  #quoted(): Buffer {
    const text = this.#need(/"(?:[^"\\\r\n\0]|\\["\\])*"/y, "a quoted string");
    return Buffer.from(text.slice(1, -1).replace(/\\(["\\])/g, "$1"), "latin1");
  }

  #need(expression: RegExp, what: string): string {
    const found = this.match(expression);
    if (found === undefined) this.fail(what);
    return found ?? "";
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 where the octets are, latin1 where not: search strings and names must come out as something. */
export function textOf(octets: Buffer): string {
  try {
    return strict.decode(octets);
  } catch {
    return octets.toString("latin1");
  }
}
