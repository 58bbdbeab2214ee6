/** What the Content-* fields of one part say. RFC 2045, 2183, 3282, 2557, 1864 */
import { asciiLower } from "../base/ascii.ts";
import { headerText } from "./header-text.ts";
import type { Parameter, Part } from "./outline.ts";
import { leadingValue, parseParameters, withoutComments } from "./parameter.ts";

/** Unfolded values by lower-case name, one character per octet; the first field of a name counts. */
export type RawFields = ReadonlyMap<string, string>;

export type Content = Pick<
  Part,
  | "type"
  | "subtype"
  | "parameters"
  | "encoding"
  | "id"
  | "description"
  | "disposition"
  | "language"
  | "location"
  | "md5"
>;
export type ReadContent = {
  readonly content: Content;
  /** Of a multipart, one character per octet, without white space at its end; undefined where there is none. */
  readonly boundary: string | undefined;
  readonly parametersOverLimit: boolean;
};

type MediaType = { readonly type: string; readonly subtype: string };

/** What a part without a readable Content-Type is. RFC 2045 §5.2 */
export const TEXT_PLAIN: MediaType & Pick<Part, "parameters"> = {
  type: "text",
  subtype: "plain",
  parameters: [["charset", "us-ascii"]],
};
/** The same inside multipart/digest. RFC 2046 §5.1.5 */
export const MESSAGE_RFC822: MediaType & Pick<Part, "parameters"> = {
  type: "message",
  subtype: "rfc822",
  parameters: [],
};

export function readContent(fields: RawFields, absent: typeof TEXT_PLAIN): ReadContent {
  if (saysNothing(fields))
    return { content: { ...absent, encoding: "7bit" }, boundary: undefined, parametersOverLimit: false };
  const media = readMediaType(fields.get("content-type"), absent);
  const disposition = readDisposition(fields.get("content-disposition"));
  const optional = {
    ...textOf(fields, "content-id", "id"),
    ...textOf(fields, "content-description", "description"),
    ...(disposition ? { disposition: disposition.read } : {}),
    ...languageOf(fields.get("content-language")),
    ...textOf(fields, "content-location", "location"),
    ...textOf(fields, "content-md5", "md5"),
  };
  const { type, subtype, parameters } = media;
  return {
    content: {
      type,
      subtype,
      parameters: parameters.map(asText),
      encoding: readEncoding(fields),
      ...optional,
    },
    boundary: type === "multipart" ? boundaryOf(parameters) : undefined,
    parametersOverLimit: media.overLimit || disposition?.overLimit === true,
  };
}

/** As many short letters. */
function saysNothing(fields: RawFields): boolean {
  for (const name of fields.keys()) if (name.startsWith("content-")) return false;
  return true;
}

/**
 * content = "Content-Type" ":" type "/" subtype *(";" parameter)
 *
 * What cannot be read is text/plain, with whatever parameters it has. RFC 2045 §5.1, §5.2
 */
function readMediaType(
  value: string | undefined,
  absent: typeof TEXT_PLAIN,
): typeof TEXT_PLAIN & { readonly overLimit: boolean } {
  if (value === undefined) return { ...absent, overLimit: false };
  const { value: media, end } = leadingValue(value);
  const { parameters, overLimit } = parseParameters(value, end);
  const slash = media.indexOf("/");
  const type = media.slice(0, Math.max(0, slash)).trim();
  const subtype = media.slice(slash + 1).trim();
  if (isToken(type) && isToken(subtype)) return { type, subtype, parameters, overLimit };
  return { ...TEXT_PLAIN, ...(parameters.length > 0 ? { parameters } : {}), overLimit };
}

/** RFC 2045 §5.1, with octets above ASCII left to lenient senders. */
const isToken = (text: string): boolean => /^[^\0-\x20()<>@,;:\\"/[\]?=\x7f]+$/.test(text);

function boundaryOf(parameters: readonly Parameter[]): string | undefined {
  const boundary = parameters.find(([name]) => name === "boundary")?.[1].trimEnd();
  return boundary === "" ? undefined : boundary;
}

/** mechanism; `7bit` where the field is absent or empty. RFC 2045 §6.1 */
function readEncoding(fields: RawFields): string {
  const value = fields.get("content-transfer-encoding");
  return headerText(value === undefined ? "" : leadingValue(value).value) || "7bit";
}

function readDisposition(
  value: string | undefined,
): { readonly read: NonNullable<Part["disposition"]>; readonly overLimit: boolean } | undefined {
  if (value === undefined) return undefined;
  const { value: kind, end } = leadingValue(value);
  if (kind === "") return undefined;
  const { parameters, overLimit } = parseParameters(value, end);
  return { read: { value: headerText(kind), parameters: parameters.map(asText) }, overLimit };
}

function languageOf(value: string | undefined): { language?: readonly string[] } {
  if (value === undefined) return {};
  const tags = withoutComments(value)
    .split(",")
    .map((tag) => headerText(tag.trim()))
    .filter((tag) => tag !== "");
  return tags.length === 0 ? {} : { language: tags };
}

function textOf<K extends string>(fields: RawFields, field: string, key: K): { readonly [P in K]?: string } {
  const value = fields.get(field);
  return value === undefined ? {} : ({ [key]: headerText(value) } as { [P in K]: string });
}

const asText = ([name, value]: Parameter): Parameter => [asciiLower(headerText(name)), headerText(value)];
