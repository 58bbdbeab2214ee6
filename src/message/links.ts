/** The hosts that the links of a message lead to, for lists of domains. Not for display: nothing here makes a link safe. */
import { parseDomain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import { htmlText, resolveEntities } from "./html-text.ts";
import { MESSAGE_LIMITS } from "./limits.ts";
import type { Outline } from "./outline.ts";
import { decodedText, textParts } from "./text.ts";

/**
 * Host names (A-labels) and addresses of the links in all text parts, each once, in reading order. Looks at no more than
 * `MESSAGE_LIMITS` say, in time proportional to what it looks at. Never fails.
 */
export function linkHosts(octets: Uint8Array, outline: Outline): readonly string[] {
  const hosts = new Set<string>();
  let left_octets: number = MESSAGE_LIMITS.linkOctetsMax;
  let links: number = MESSAGE_LIMITS.linksMax;
  let parts: number = MESSAGE_LIMITS.linkPartsMax;
  for (const part of textParts(outline.root)) {
    if (left_octets <= 0 || parts-- <= 0) break;
    const end = Math.min(part.body.end, part.body.start + left_octets);
    left_octets -= end - part.body.start;
    const text = decodedText(octets, { ...part, body: { start: part.body.start, end } });
    for (const link of part.subtype === "html" ? htmlLinks(text) : textLinks(text)) {
      if (links-- <= 0 || hosts.size >= MESSAGE_LIMITS.linkHostsMax) return [...hosts];
      for (const host of hostsOf(link)) hosts.add(host);
    }
  }
  return [...hosts];
}

const START = /(?:https?|ftp):\/\/|\bwww\./gi;
const END = /[\s<>"'`{}|\\^]/;

/** Links that a mail program would make of plain text. */
function* textLinks(text: string): Generator<string, void, undefined> {
  let from = 0;
  for (;;) {
    START.lastIndex = from;
    const start = START.exec(text);
    if (start === null) return;
    const rest = text.slice(start.index, start.index + MESSAGE_LIMITS.linkLengthMax);
    const end = rest.search(END);
    const link = (end < 0 ? rest : rest.slice(0, end)).replace(/[.,;:!?)\]]{1,20}$/, "");
    yield /^w/i.test(link) ? `http://${link}` : link;
    from = Math.max(start.index + link.length, START.lastIndex);
  }
}

/** Attributes that hold one address and nothing else. */
const LINKING: ReadonlySet<string> = new Set([
  "action",
  "background",
  "cite",
  "data",
  "formaction",
  "href",
  "poster",
  "src",
]);
/** Elements whose content holds no tags, whatever it looks like. */
const RAW = /^(?:script|style|textarea|title|xmp)$/;
const ATTRIBUTE = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?/y;

/** Links of tags, then those a mail program would make of the text between them. */
function* htmlLinks(html: string): Generator<string, void, undefined> {
  let position = 0;
  for (;;) {
    const open = html.indexOf("<", position);
    if (open < 0) break;
    const tag = /^\/?[a-z][a-z0-9]*/i.exec(html.slice(open + 1, open + 20))?.[0];
    position = open + 1 + (tag?.length ?? 0);
    if (html.startsWith("<!--", open)) position = afterMatch(html, /--!?>/g, open + 2);
    if (tag === undefined) continue;
    ATTRIBUTE.lastIndex = position;
    for (let found = ATTRIBUTE.exec(html); found !== null; found = ATTRIBUTE.exec(html)) {
      position = ATTRIBUTE.lastIndex;
      yield* attributeLinks(found[1] ?? "", found[2] ?? found[3] ?? found[4] ?? "");
    }
    if (RAW.test(tag.toLowerCase()))
      position = afterMatch(html, new RegExp(`</${tag}[\\s/>]`, "gi"), position);
  }
  yield* textLinks(htmlText(html));
}

function afterMatch(html: string, end: RegExp, from: number): number {
  end.lastIndex = from;
  return end.exec(html) === null ? html.length : end.lastIndex;
}

/** `href="//host/path"` as it stands; `content="0; url=http://host"` and styles by what looks like a link in them. */
function* attributeLinks(name: string, value: string): Generator<string, void, undefined> {
  if (value === "") return;
  const attribute = name.slice(0, 20).toLowerCase();
  if (attribute.startsWith("xmlns")) return;
  const whole = resolveEntities(value.slice(0, MESSAGE_LIMITS.linkLengthMax));
  if (LINKING.has(attribute)) yield whole.trimStart().startsWith("//") ? `http:${whole.trimStart()}` : whole;
  else if (whole.includes("://")) yield* textLinks(whole);
}

/** A link inside a link is where a forwarder leads to, as it stands or percent-encoded. */
const INNER = /https?(?::\/\/|%3a%2f%2f)[^&\s]+/i;

function* hostsOf(link: string): Generator<string, void, undefined> {
  // Browsers take more than the grammar does: backslashes, numbers for addresses, encoded names. So does their parser.
  const url = URL.parse(link);
  if (url === null || !/^(?:https?|ftp):$/.test(url.protocol)) return;
  const host = hostOf(url);
  if (host !== undefined) yield host;
  const inner = INNER.exec(`${url.pathname}${url.search}${url.hash}`)?.[0];
  if (inner === undefined) return;
  const within = URL.parse(inner.includes("://") ? inner : decodedOnce(inner));
  const target = within === null ? undefined : hostOf(within);
  if (target !== undefined) yield target;
}

function hostOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  const host = parseIp(bare)?.text ?? parseDomain(bare);
  return host?.includes(".") || host?.includes(":") ? host : undefined;
}

/** Octets above ASCII stay encoded: the parser of URLs knows what to do with them. */
const decodedOnce = (text: string): string =>
  text.replace(/%[0-7][0-9a-f]/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
