/** Lexical tokens of address fields. Total and linear: whatever does not close is passed over, once. RFC 5322 §3.2 */

export type AddressToken = {
  /** `special` is one of `, : ; < > @ .`; `literal` a domain literal, brackets included. */
  readonly kind: "atom" | "quoted" | "literal" | "special" | "comment";
  /** Quoting and escapes undone; a comment without its brackets. */
  readonly text: string;
  /** White space or a comment stood before it. */
  readonly spaced: boolean;
};

const SPECIALS = ",:;<>@.";

/**
 * Cuts unfolded text into tokens one at a time. `defective` tells that something did not close or was a control.
 *
 *   atom           = [CFWS] 1*atext [CFWS]
 *   quoted-string  = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]
 *   comment        = "(" *([FWS] ccontent) [FWS] ")"
 *   domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
 */
export class AddressLexer {
  readonly #text: string;
  #position = 0;
  #defective = false;
  /** Openers found never to close: what follows them is read as if they were not there. */
  readonly #unclosed = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  get defective(): boolean {
    return this.#defective;
  }

  next(): AddressToken | undefined {
    let spaced = false;
    while (this.#position < this.#text.length) {
      const code = this.#text.charCodeAt(this.#position);
      if (isSpace(code)) {
        spaced = true;
        this.#position++;
      } else if (isControl(code)) {
        spaced = this.#skip();
      } else {
        const token = this.#token(code, spaced);
        if (token) return token;
        spaced = this.#skip();
      }
    }
    return undefined;
  }

  /** Passes over a character that has no business here. */
  #skip(): true {
    this.#defective = true;
    this.#position++;
    return true;
  }

  #token(code: number, spaced: boolean): AddressToken | undefined {
    const char = String.fromCharCode(code);
    if (code === 0x22) return this.#enclosed("quoted", char, '"', spaced);
    if (code === 0x28) return this.#enclosed("comment", char, ")", spaced);
    if (code === 0x5b) return this.#enclosed("literal", char, "]", spaced);
    if (SPECIALS.includes(char)) {
      this.#position++;
      return { kind: "special", text: char, spaced };
    }
    if (code === 0x29 || code === 0x5c || code === 0x5d) return undefined;
    return this.#atom(spaced);
  }

  #atom(spaced: boolean): AddressToken {
    const start = this.#position;
    while (this.#position < this.#text.length && isAtom(this.#text.charCodeAt(this.#position)))
      this.#position++;
    return { kind: "atom", text: this.#text.slice(start, this.#position), spaced };
  }

  #enclosed(
    kind: "quoted" | "comment" | "literal",
    open: string,
    close: string,
    spaced: boolean,
  ): AddressToken | undefined {
    if (this.#unclosed.has(open)) return undefined;
    const start = this.#position + 1;
    const end = this.#endOf(start, kind === "comment" ? open : "", close);
    if (end < 0) {
      this.#unclosed.add(open);
      return undefined;
    }
    this.#position = end + 1;
    const raw = this.#text.slice(start, end);
    if (kind === "literal" && /(?:^|[^\\])\[/.test(raw)) this.#defective = true;
    const inner = unescape(raw);
    return { kind, text: kind === "literal" ? `[${inner.replaceAll(" ", "")}]` : inner, spaced };
  }

  /** Offset of the closing character, or -1; `nested` opens another level. */
  #endOf(start: number, nested: string, close: string): number {
    let depth = 1;
    for (let i = start; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === "\\") i++;
      else if (char === nested) depth++;
      else if (char === close && --depth === 0) return i;
    }
    return -1;
  }
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
const isControl = (code: number): boolean => code < 0x20 || code === 0x7f;

/** atext of RFC 5322 with everything above ASCII (RFC 6532 §3.2). */
export const isAtom = (code: number): boolean => code > 0x7f || ATOM[code] === 1;

const ATOM = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~") {
  ATOM[char.charCodeAt(0)] = 1;
}

/** Undoes quoted-pairs; a control is worth a space. */
function unescape(text: string): string {
  const plain = text.includes("\\") ? text.replace(/\\([\s\S])/g, "$1") : text;
  return plain.replace(/[\u0000-\u001f\u007f]/g, " ");
}
