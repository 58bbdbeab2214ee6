import { WEB_LIMITS } from "./limits.ts";

/** Text for an element or an attribute; characters XML 1.0 §2.2 has no place for fall away. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/**
 * The texts of the elements that hold nothing but text, by local name in lower case; of a name given twice the first
 * counts. No XML parser and not meant to be one: whatever has a DTD, a processing instruction behind the declaration or
 * CDATA is nothing to it, so that there are no entities to expand. Undefined where the text is none of ours. Total.
 */
export function leafTexts(xml: string): ReadonlyMap<string, string> | undefined {
  const body = xml.replace(/^\ufeff?\s*(<\?xml [^<>]{0,200}\?>)?/, "");
  if (body.includes("<!") || body.includes("<?")) return undefined;
  const texts = new Map<string, string>();
  const pieces = body.split("<", WEB_LIMITS.xmlElements * 2 + 2);
  if (pieces.length > WEB_LIMITS.xmlElements * 2) return undefined;
  for (const [i, piece] of pieces.entries()) {
    const name = /^([A-Za-z_][\w.:-]{0,99})(?:\s[^>]*)?>/.exec(piece);
    if (name?.[1] === undefined || name[0].endsWith("/>")) continue;
    if (!(pieces[i + 1] ?? "").startsWith(`/${name[1]}`)) continue;
    const local = (name[1].split(":").at(-1) ?? "").toLowerCase();
    if (!texts.has(local)) texts.set(local, unescapeXml(piece.slice(name[0].length)).trim());
  }
  return texts;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The five entities every XML text may use, once; others stay as they are. */
const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole);
