/**
 * As much XML as reports need: elements, text, CDATA. A document type, and so every entity but the five predefined
 * ones, is refused. Namespaces are told apart at the root only. XML 1.0 §2, §4.6
 */
import { decode } from "../../message/charset.ts";
import { asBuffer } from "../../message/octets.ts";
import { REPORT_LIMITS } from "./limits.ts";

export type XmlProblem = "xml-syntax" | "xml-document-type" | "xml-entity" | "xml-depth" | "xml-elements";

/** An element without its prefix and attributes; `text` is its own, at the ends without white space, and cut. */
export type XmlElement = {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
};

/** What stops the reading; caught in this folder, never seen outside. */
export class XmlStop extends Error {
  readonly problem: XmlProblem;

  constructor(problem: XmlProblem) {
    super(problem);
    this.problem = problem;
  }
}

type Tag = { readonly kind: "open" | "close" | "empty"; readonly name: string; readonly attributes: string };

/** Octets as text, by byte order mark, declaration, or as UTF-8. XML 1.0 §4.3.3 */
export function xmlText(octets: Uint8Array): string {
  const buffer = asBuffer(octets);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.toString("utf16le", 2);
  const declared = /^<\?xml[^>]{0,100}?encoding[ ]?=[ ]?["']([A-Za-z0-9._-]{1,40})["']/.exec(
    buffer.toString("latin1", 0, 200),
  )?.[1];
  const text = decode(buffer, declared === undefined || /^utf-?16/i.test(declared) ? "utf-8" : declared);
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Pulls a document piece by piece: the root's name, then its children one at a time. Linear, bounded. */
export class XmlReader {
  readonly #text: string;
  #position = 0;
  #elements = 0;
  /** Default namespace the root declares, or that of its prefix. */
  namespace = "";

  constructor(text: string) {
    this.#text = text;
  }

  /** Name of the root element; throws XmlStop. */
  root(): string {
    const before = this.#nextTag([]);
    if (before.kind !== "open") throw new XmlStop("xml-syntax");
    this.namespace = /\sxmlns(?::[A-Za-z0-9_.-]+)?\s*=\s*["']([^"']*)["']/.exec(before.attributes)?.[1] ?? "";
    return before.name;
  }

  /** The next child of the root; undefined where the root ends. Throws XmlStop. */
  child(root: string): XmlElement | undefined {
    this.#elements = 0;
    const tag = this.#nextTag([]);
    if (tag.kind === "close") {
      if (tag.name !== root) throw new XmlStop("xml-syntax");
      return undefined;
    }
    return this.#element(tag, 1);
  }

  #element(tag: Tag, depth: number): XmlElement {
    if (depth > REPORT_LIMITS.xmlDepthMax) throw new XmlStop("xml-depth");
    if (++this.#elements > REPORT_LIMITS.xmlElementsMax) throw new XmlStop("xml-elements");
    if (tag.kind === "empty") return { name: tag.name, text: "", children: [] };
    const pieces: string[] = [];
    const children: XmlElement[] = [];
    for (;;) {
      const next = this.#nextTag(pieces);
      if (next.kind !== "close") {
        children.push(this.#element(next, depth + 1));
        continue;
      }
      if (next.name !== tag.name) throw new XmlStop("xml-syntax");
      return { name: tag.name, text: pieces.join("").trim().slice(0, REPORT_LIMITS.textLengthMax), children };
    }
  }

  /** Passes over comments and instructions; text on the way goes to `pieces`. */
  #nextTag(pieces: string[]): Tag {
    for (;;) {
      const open = this.#text.indexOf("<", this.#position);
      if (open < 0) throw new XmlStop("xml-syntax");
      if (open > this.#position) pieces.push(unescape(this.#text.slice(this.#position, open)));
      this.#position = open;
      if (this.#at("<!--")) this.#passTo("-->", 4);
      else if (this.#at("<![CDATA[")) pieces.push(this.#passTo("]]>", 9));
      else if (this.#at("<?")) this.#passTo("?>", 2);
      else if (this.#at("<!")) throw new XmlStop("xml-document-type");
      else return this.#tag();
    }
  }

  #at(start: string): boolean {
    return this.#text.startsWith(start, this.#position);
  }

  /** What stands between the opening of `skip` characters and `end`. */
  #passTo(end: string, skip: number): string {
    const found = this.#text.indexOf(end, this.#position + skip);
    if (found < 0) throw new XmlStop("xml-syntax");
    const inside = this.#text.slice(this.#position + skip, found);
    this.#position = found + end.length;
    return inside;
  }

  /** STag = '<' Name (S Attribute)* S? '>';  ETag = '</' Name S? '>' */
  #tag(): Tag {
    const inside = this.#text.slice(this.#position + 1, this.#tagEnd());
    this.#position += inside.length + 2;
    const isClose = inside.startsWith("/");
    const isEmpty = !isClose && inside.endsWith("/");
    const body = inside.slice(isClose ? 1 : 0, isEmpty ? -1 : undefined);
    const [whole, local] = /^(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=\s|$)/.exec(body) ?? [];
    if (whole === undefined || local === undefined) throw new XmlStop("xml-syntax");
    const kind = isClose ? "close" : isEmpty ? "empty" : "open";
    return { kind, name: local, attributes: body.slice(whole.length) };
  }

  /** The `>` outside quotes. */
  #tagEnd(): number {
    let quote = "";
    for (let i = this.#position + 1; i < this.#text.length; i++) {
      const char = this.#text[i] ?? "";
      if (quote !== "") {
        if (char === quote) quote = "";
      } else if (char === '"' || char === "'") quote = char;
      else if (char === ">") return i;
      else if (char === "<") break;
    }
    throw new XmlStop("xml-syntax");
  }
}

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["apos", "'"],
  ["quot", '"'],
]);

/** Undoes predefined entities and character references; a bare `&`, which careless writers leave, stays. XML 1.0 §4.1 */
function unescape(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z_][\w.-]{0,60});/g, (_, name: string) => {
    const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const value = name.startsWith("#") ? character(code) : PREDEFINED.get(name);
    if (value === undefined) throw new XmlStop("xml-entity");
    return value;
  });
}

const character = (code: number): string | undefined =>
  isXmlCharacter(code) ? String.fromCodePoint(code) : undefined;

/** Char = #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF] */
const isXmlCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

/** Text for an element; what XML cannot hold becomes U+FFFD. XML 1.0 §2.2, §2.4 */
export function escapeXml(text: string): string {
  const allowed = text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return allowed
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}
