import { asciiUpper, isAscii } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { MailCommand, RcptCommand } from "./backend.ts";

/** RFC 3461 §4.4: an envelope id has at most 100 characters before encoding; §4.2: ORCPT at most 500. */
const ENVID_OCTETS_MAX = 100;
const ORCPT_OCTETS_MAX = 500;

/** `unknown` is answered 555, everything else 501. `what` is the keyword, in upper case, safe to show. */
export type ParameterFault = { readonly kind: "unknown" | "malformed"; readonly what: string };

export type MailParameters = Omit<MailCommand, "from">;
export type RcptParameters = Omit<RcptCommand, "to">;

type Parameter = { readonly keyword: string; readonly value: string | undefined };

/**
 * Splits what follows a path. RFC 5321 §4.1.2
 *
 *     Mail-parameters = esmtp-param *(SP esmtp-param)
 *     esmtp-param     = esmtp-keyword ["=" esmtp-value]
 *     esmtp-keyword   = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
 *     esmtp-value     = 1*(%d33-60 / %d62-126)
 */
export function parseParameters(text: string): Result<readonly Parameter[], ParameterFault> {
  if (text === "") return ok([]);
  if (!text.startsWith(" ")) return err({ kind: "malformed", what: "parameters" });
  const parameters: Parameter[] = [];
  const seen = new Set<string>();
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const equals = word.indexOf("=");
    const keyword = asciiUpper(equals < 0 ? word : word.slice(0, equals));
    if (!/^[A-Z0-9][A-Z0-9-]{0,63}$/.test(keyword)) return err({ kind: "malformed", what: "parameters" });
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    if (value === "" || seen.has(keyword)) return err({ kind: "malformed", what: keyword });
    seen.add(keyword);
    parameters.push({ keyword, value });
  }
  return ok(parameters);
}

/** Parameters of MAIL: SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH, REQUIRETLS. RFC 1870, 6152, 6531, 3461, 4954 §5, 8689 */
export function parseMailParameters(text: string): Result<MailParameters, ParameterFault> {
  const split = parseParameters(text);
  if (!split.ok) return split;
  let mail: MailParameters = { body: "7BIT", smtpUtf8: false };
  for (const { keyword, value } of split.value) {
    const read = MAIL_PARAMETERS.get(keyword);
    if (read === undefined) return err({ kind: "unknown", what: keyword });
    const part = read(value);
    if (part === undefined) return err({ kind: "malformed", what: keyword });
    if (part === "unknown") return err({ kind: "unknown", what: `${keyword}=${value ?? ""}` });
    mail = { ...mail, ...part };
  }
  return ok(mail);
}

/** Parameters of RCPT: NOTIFY, ORCPT. RFC 3461 §4.1, 4.2 */
export function parseRcptParameters(text: string): Result<RcptParameters, ParameterFault> {
  const split = parseParameters(text);
  if (!split.ok) return split;
  let rcpt: RcptParameters = {};
  for (const { keyword, value = "" } of split.value) {
    if (keyword === "NOTIFY") {
      const notify = parseNotify(value);
      if (notify === undefined) return err({ kind: "malformed", what: keyword });
      rcpt = { ...rcpt, notify };
    } else if (keyword === "ORCPT") {
      const orcpt = parseOrcpt(value);
      if (orcpt === undefined) return err({ kind: "malformed", what: keyword });
      rcpt = { ...rcpt, orcpt };
    } else {
      return err({ kind: "unknown", what: keyword });
    }
  }
  return ok(rcpt);
}

type Part = Partial<MailParameters> | "unknown" | undefined;

const MAIL_PARAMETERS: ReadonlyMap<string, (value: string | undefined) => Part> = new Map([
  [
    "SIZE",
    (value): Part =>
      value !== undefined && /^[0-9]{1,20}$/.test(value) ? { size: Number(value) } : undefined,
  ],
  ["BODY", (value): Part => parseBody(asciiUpper(value ?? ""))],
  ["SMTPUTF8", (value): Part => (value === undefined ? { smtpUtf8: true } : undefined)],
  ["REQUIRETLS", (value): Part => (value === undefined ? { requireTls: true } : undefined)],
  ["RET", (value): Part => parseRet(asciiUpper(value ?? ""))],
  ["ENVID", (value): Part => parseEnvid(value ?? "")],
  // Somebody else's word about who wrote the message: read, checked, not believed. RFC 4954 §5
  ["AUTH", (value): Part => (value === "<>" || decodeXtext(value ?? "+") !== undefined ? {} : undefined)],
]);

/** BINARYMIME is not offered, so it is as unknown as any other word. */
function parseBody(value: string): Part {
  if (value === "7BIT" || value === "8BITMIME") return { body: value };
  return value === "" ? undefined : "unknown";
}

const parseRet = (value: string): Part => (value === "FULL" || value === "HDRS" ? { ret: value } : undefined);

function parseEnvid(value: string): Part {
  const envid = decodeXtext(value);
  return envid === undefined || envid === "" || envid.length > ENVID_OCTETS_MAX ? undefined : { envid };
}

/**
 *     notify-esmtp-value = "NEVER" / 1#notify-list-element
 *     notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
 */
function parseNotify(value: string): RcptCommand["notify"] {
  const words = asciiUpper(value).split(",");
  if (words.length === 1 && words[0] === "NEVER") return ["NEVER"];
  const wanted: ("SUCCESS" | "FAILURE" | "DELAY")[] = [];
  for (const word of words) {
    if (word !== "SUCCESS" && word !== "FAILURE" && word !== "DELAY") return undefined;
    if (wanted.includes(word)) return undefined;
    wanted.push(word);
  }
  return wanted;
}

/**
 *     original-recipient-address = addr-type ";" xtext
 *
 * With type `utf-8` the address may be written in UTF-8 itself (RFC 6533 §3).
 */
function parseOrcpt(value: string): RcptCommand["orcpt"] {
  const semicolon = value.indexOf(";");
  const type = value.slice(0, Math.max(semicolon, 0));
  if (value.length > ORCPT_OCTETS_MAX || !/^[A-Za-z0-9-]{1,64}$/.test(type)) return undefined;
  const encoded = value.slice(semicolon + 1);
  const isUtf8 = asciiUpper(type) === "UTF-8";
  const address = decodeXtext(encoded, isUtf8);
  return address === undefined || address === "" ? undefined : { type, address };
}

/**
 * Undoes xtext; undefined where it is malformed or hides a control character (T-15). RFC 3461 §4
 *
 *     xtext   = *( xchar / hexchar )
 *     xchar   = %x21-2A / %x2C-3C / %x3E-7E
 *     hexchar = "+" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
 */
export function decodeXtext(text: string, utf8 = false): string | undefined {
  if (!utf8 && !isAscii(text)) return undefined;
  if (!/^(?:[^\u0000-\u0020+=\u007f]|\+[0-7][0-9A-F])*$/.test(text)) return undefined;
  const plain = text.replace(/\+(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return /[\u0000-\u001f\u007f-\u009f]/.test(plain) ? undefined : plain;
}

/** The inverse of `decodeXtext` for printable ASCII. */
export function encodeXtext(text: string): string {
  return text.replace(/[^!-*,-<>-~]/g, (char) => `+${hexOctet(char.charCodeAt(0))}`);
}

const hexOctet = (code: number): string => code.toString(16).toUpperCase().padStart(2, "0");
