import type { Part } from "../message/outline.ts";
import type { Modes } from "./modes.ts";
import { formatEnvelope, formatParameters, headerString } from "./response.ts";

/** BODYSTRUCTURE, or BODY without the extension data. RFC 9051 §7.5.2 */
export function formatStructure(part: Part, extended: boolean, modes: Modes): string {
  if (part.type === "multipart" && part.parts.length > 0) return multipart(part, extended, modes);
  return single(part, extended, modes);
}

/**
 *     body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
 */
function multipart(part: Part, extended: boolean, modes: Modes): string {
  const children = part.parts.map((child) => formatStructure(child, extended, modes)).join("");
  const extension = extended ? ` ${formatParameters(part.parameters, modes)} ${placement(part, modes)}` : "";
  return `(${children} ${headerString(part.subtype, modes)}${extension})`;
}

/**
 *     body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
 */
function single(part: Part, extended: boolean, modes: Modes): string {
  const [type, subtype] = shownType(part);
  const text = (value: string | undefined): string => headerString(value, modes);
  const parameters = formatParameters(part.parameters, modes);
  const fields = `${text(type)} ${text(subtype)} ${parameters} ${text(part.id)} ${text(part.description)} ${text(part.encoding)} ${part.body.end - part.body.start}`;
  const extension = extended ? ` ${text(part.md5)} ${placement(part, modes)}` : "";
  return `(${fields}${special(part, type, extended, modes)}${extension})`;
}

/** Where analysis stopped at a limit, a multipart or message has none of what its form must show: it goes by another name. */
function shownType(part: Part): readonly [string, string] {
  if (part.type === "multipart") return ["text", "plain"];
  const isMessage = part.type === "message" && (part.subtype === "rfc822" || part.subtype === "global");
  return isMessage && part.message === undefined
    ? ["application", "octet-stream"]
    : [part.type, part.subtype];
}

/** What text and message/rfc822 have beyond others. */
function special(part: Part, type: string, extended: boolean, modes: Modes): string {
  if (part.message) {
    return ` ${formatEnvelope(part.message.envelope, modes)} ${formatStructure(part.message.root, extended, modes)} ${part.lines}`;
  }
  return type === "text" ? ` ${part.lines}` : "";
}

/** body-fld-dsp SP body-fld-lang SP body-fld-loc */
function placement({ disposition, language = [], location }: Part, modes: Modes): string {
  const how = disposition
    ? `(${headerString(disposition.value, modes)} ${formatParameters(disposition.parameters, modes)})`
    : "NIL";
  const tags = language.map((tag) => headerString(tag, modes)).join(" ");
  return `${how} ${tags === "" ? "NIL" : `(${tags})`} ${headerString(location, modes)}`;
}
