import { parseIp } from "../base/ip.ts";

/** 1 to 63 letters, digits, hyphens and underscores, with no hyphen at either end. */
const LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
const LABELS = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** Is the text a host name in Postfix's eyes? Underscores pass, names of digits alone do not. */
export const isHostName = (text: string): boolean =>
  text.length <= 255 && LABELS.test(text) && /[^0-9.]/.test(text);

/** One dot at the end is dropped, two are not. */
export const withoutFinalDot = (name: string): string =>
  name.length > 1 && name.endsWith(".") && !name.endsWith("..") ? name.slice(0, -1) : name;

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]`: the address inside, RFC 5321 §4.1.3. */
export function addressOfLiteral(text: string): string | undefined {
  const found = /^\[(IPv6:)?([0-9A-Fa-f:.]+)\]$/i.exec(text);
  const ip = parseIp(found?.[2] ?? "");
  if (found === null || ip === undefined) return undefined;
  return (ip.family === 6 || (found[2] as string).includes(":")) === (found[1] !== undefined)
    ? ip.text
    : undefined;
}

/** What stands after the last @, or nothing. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 0 ? "" : address.slice(at + 1);
}
