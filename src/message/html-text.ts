/** The words of an HTML text, for search and for tokens. Not for display: nothing here makes HTML safe. */

/** Elements whose content is not for readers. */
const HIDDEN: ReadonlySet<string> = new Set(["script", "style", "head", "title", "template", "noscript"]);
/** Elements that stand inside a word without parting it. */
const INLINE: ReadonlySet<string> = new Set([
  "a",
  "abbr",
  "b",
  "big",
  "em",
  "font",
  "i",
  "s",
  "small",
  "span",
  "strong",
  "sub",
  "sup",
  "u",
  "wbr",
]);

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", " "],
  // Nobody types these; links that are to be hidden from readers like us hold them.
  ["colon", ":"],
  ["sol", "/"],
  ["bsol", "\\"],
  ["period", "."],
  ["commat", "@"],
  ["Tab", "\t"],
  ["NewLine", "\n"],
  ["shy", ""],
  ["euro", "€"],
  ["copy", "©"],
  ["ndash", "–"],
  ["mdash", "—"],
  ["hellip", "…"],
  ["auml", "ä"],
  ["ouml", "ö"],
  ["uuml", "ü"],
  ["Auml", "Ä"],
  ["Ouml", "Ö"],
  ["Uuml", "Ü"],
  ["szlig", "ß"],
  ["eacute", "é"],
  ["egrave", "è"],
  ["agrave", "à"],
  ["ccedil", "ç"],
  ["ntilde", "ñ"],
]);

/** Removes tags, comments and hidden elements, resolves entities. One pass; never fails; an unclosed tag is text. */
export function htmlText(html: string): string {
  const pieces: string[] = [];
  let position = 0;
  /** Hidden elements found never to be closed: each is looked for once. */
  const unclosed = new Set<string>();
  while (position < html.length) {
    const open = html.indexOf("<", position);
    const close = open < 0 ? -1 : endOfTag(html, open, unclosed);
    if (close < 0) break;
    pieces.push(html.slice(position, open));
    const name = tagName(html, open + 1);
    if (!INLINE.has(name.replace("/", ""))) pieces.push(" ");
    position = HIDDEN.has(name) ? afterHidden(html, name, close, unclosed) : close;
  }
  pieces.push(html.slice(position));
  return resolveEntities(pieces.join(""))
    .replace(/[ \t\r\n]+/g, " ")
    .trim();
}

function endOfTag(html: string, open: number, unclosed: Set<string>): number {
  if (html.startsWith("<!--", open) && !unclosed.has("-->")) {
    const end = html.indexOf("-->", open + 4);
    if (end >= 0) return end + 3;
    unclosed.add("-->");
  }
  return html.indexOf(">", open) + 1 || -1;
}

/** `p`, `/p`, `!doctype`; in lower case, cut where no name is that long. */
const tagName = (html: string, start: number): string =>
  /^\/?[!a-z0-9]*/.exec(html.slice(start, start + 12).toLowerCase())?.[0] ?? "";

function afterHidden(html: string, name: string, start: number, unclosed: Set<string>): number {
  if (unclosed.has(name)) return start;
  const end = new RegExp(`</${name}[^a-z0-9]`, "gi");
  end.lastIndex = start;
  const found = end.exec(html);
  if (!found) {
    unclosed.add(name);
    return start;
  }
  return html.indexOf(">", found.index) + 1 || html.length;
}

/** `&amp;`, `&#104;`, `&#x68;` as the characters they stand for; unknown names stay. */
export const resolveEntities = (text: string): string =>
  text.replace(
    /&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z]{2,8}));?/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES.get(name) ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
        ? String.fromCodePoint(code)
        : "";
    },
  );
