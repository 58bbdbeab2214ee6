/** Octets in any charset a mail may name, as text. Never fails: unknown names and wrong octets give a best guess. */
import { isUtf8 } from "node:buffer";
import { asciiLower } from "../base/ascii.ts";
import { decodeDosCodePage, isDosCodePage } from "./dos-code-pages.ts";
import { decodeUtf7 } from "./utf-7.ts";

/** Names in mail that the WHATWG labels of the platform's decoder do not include. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["ibm437", "cp437"],
  ["437", "cp437"],
  ["cspc8codepage437", "cp437"],
  ["ibm850", "cp850"],
  ["850", "cp850"],
  ["cspc850multilingual", "cp850"],
  ["cp932", "shift_jis"],
  ["windows-932", "shift_jis"],
  ["cp936", "gbk"],
  ["windows-936", "gbk"],
  ["cp949", "euc-kr"],
  ["uhc", "euc-kr"],
  ["cp950", "big5"],
  ["utf8mb4", "utf-8"],
  ["utf_8", "utf-8"],
  ["x-utf-8", "utf-8"],
  ["cp-850", "cp850"],
  ["unicode-1-1-utf-7", "utf-7"],
  ["utf7", "utf-7"],
  ["x-unicode-2-0-utf-7", "utf-7"],
  ["x-mac-roman", "macintosh"],
  ["macroman", "macintosh"],
  ["iso-8859-8-e", "iso-8859-8"],
  ["iso8859_1", "iso-8859-1"],
  ["iso_8859_1", "iso-8859-1"],
  ["iso8859_15", "iso-8859-15"],
  ["ansi", "windows-1252"],
]);

/** Names that promise nothing above 0x7F or nothing at all. */
const UNSAID: ReadonlySet<string> = new Set([
  "",
  "us-ascii",
  "ascii",
  "ansi_x3.4-1968",
  "unknown-8bit",
  "x-unknown",
  "default",
  "binary",
]);

/** Decoders made so far; `null` for names without one. Bounded, for names come from strangers. */
const decoders = new Map<string, TextDecoder | null>();
const DECODERS_MAX = 200;

/** Decodes `octets` said to be in `charset`; malformed sequences become U+FFFD. */
export function decode(octets: Uint8Array, charset: string): string {
  const said = asciiLower(charset.slice(0, 100).trim());
  const name = ALIASES.get(said) ?? said;
  if (UNSAID.has(name)) return guess(octets);
  if (name === "utf-8") return UTF_8.decode(octets);
  if (name === "utf-7") return decodeUtf7(octets);
  if (name === "utf-16") return decodeUtf16(octets);
  if (isDosCodePage(name)) return decodeDosCodePage(octets, name);
  const decoder = decoderFor(name);
  return decoder === null ? guess(octets) : decoder.decode(octets);
}

const UTF_8 = new TextDecoder("utf-8");
const WINDOWS_1252 = new TextDecoder("windows-1252");

/** UTF-8 where the octets are valid UTF-8, else windows-1252. */
const guess = (octets: Uint8Array): string => (isUtf8(octets) ? UTF_8 : WINDOWS_1252).decode(octets);

/** Without a byte order mark big-endian. RFC 2781 §4.3 */
function decodeUtf16(octets: Uint8Array): string {
  const littleEndian = octets[0] === 0xff && octets[1] === 0xfe;
  return new TextDecoder(littleEndian ? "utf-16le" : "utf-16be").decode(octets);
}

function decoderFor(name: string): TextDecoder | null {
  const known = decoders.get(name);
  if (known !== undefined) return known;
  if (decoders.size >= DECODERS_MAX) decoders.clear();
  const made = makeDecoder(name);
  decoders.set(name, made);
  return made;
}

/** The platform throws for names it does not know; `replacement` ones (hz-gb-2312) among them. */
function makeDecoder(name: string): TextDecoder | null {
  try {
    return new TextDecoder(name);
  } catch {
    return null;
  }
}
