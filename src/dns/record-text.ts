import { parseDomain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import type { RecordType } from "./answer.ts";
import { encodeName } from "./wire-name.ts";

/** Data of a record as in a zone file to octets; undefined where it cannot be that. RFC 1035 §5.1, RFC 2782, 6698, 8659 */
export function encodeData(type: RecordType, text: string): Buffer | undefined {
  const words = text.split(/[ \t]+/);
  switch (type) {
    case "A":
    case "AAAA":
      return address(text, type === "A" ? 4 : 6);
    case "NS":
    case "CNAME":
    case "PTR":
      return host(text);
    case "MX":
      return words.length === 2 ? joined([u16(words[0]), host(words[1])]) : undefined;
    case "SRV":
      return words.length === 4 ? joined([...words.slice(0, 3).map(u16), host(words[3])]) : undefined;
    case "TXT":
      return strings(text);
    case "CAA":
      return caa(text);
    case "TLSA":
      return words.length >= 4
        ? joined([...words.slice(0, 3).map(u8), hex(words.slice(3).join(""))])
        : undefined;
    case "SOA":
      return undefined;
  }
}

const joined = (parts: readonly (Buffer | undefined)[]): Buffer | undefined => {
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? Buffer.concat(known) : undefined;
};

function number(text: string | undefined, octets: 1 | 2): Buffer | undefined {
  const value = /^[0-9]{1,5}$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (!(value < 256 ** octets)) return undefined;
  return octets === 1 ? Buffer.from([value]) : Buffer.from([value >> 8, value & 0xff]);
}
const u8 = (text: string | undefined): Buffer | undefined => number(text, 1);
const u16 = (text: string | undefined): Buffer | undefined => number(text, 2);

/** A whole name, with or without its dot; `.` is the root (RFC 7505, RFC 2782). */
function host(text = ""): Buffer | undefined {
  if (text === ".") return encodeName("");
  const name = parseDomain(text);
  return name && encodeName(name);
}

function address(text: string, family: 4 | 6): Buffer | undefined {
  const ip = parseIp(text);
  if (ip?.family !== family) return undefined;
  return Buffer.from(family === 4 ? ip.octets.subarray(12) : ip.octets);
}

const hex = (text: string): Buffer | undefined =>
  /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, "hex") : undefined;

/** `"one" "two"`: character strings of at most 255 octets; `\"` and `\\` inside. RFC 1035 §3.3.14 */
function strings(text: string): Buffer | undefined {
  const parts = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  const rest = text.replace(/"(?:[^"\\]|\\.)*"/g, "").trim();
  if (parts.length === 0 || rest !== "") return undefined;
  return joined(parts.map((part) => characterString(unescaped(part))));
}

const unescaped = (part: string): string => part.slice(1, -1).replace(/\\(.)/g, "$1");

function characterString(text: string): Buffer | undefined {
  const octets = Buffer.from(text, "latin1");
  return octets.length > 255 ? undefined : Buffer.concat([Buffer.from([octets.length]), octets]);
}

/** `0 issue "letsencrypt.org"` */
function caa(text: string): Buffer | undefined {
  const [, flags, tag = "", value = ""] =
    /^([0-9]{1,3}) ([A-Za-z0-9]{1,15}) ("(?:[^"\\]|\\.)*")$/.exec(text) ?? [];
  return tag === ""
    ? undefined
    : joined([u8(flags), characterString(tag), Buffer.from(unescaped(value), "latin1")]);
}
