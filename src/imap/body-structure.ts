import type { Part } from "../message/outline.ts";
import type { Modes } from "./modes.ts";
import { formatEnvelope, formatParameters, formatString, headerString } from "./response.ts";

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
  const extension = extended
    ? ` ${formatParameters(part.parameters, modes)} ${disposition(part, modes)} ${language(part)} ${headerString(part.location, modes)}`
    : "";
  return `(${children} ${formatString(part.subtype)}${extension})`;
}

/**
 *     body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
 */
function single(part: Part, extended: boolean, modes: Modes): string {
  // A multipart without parts has no form of its own; its octets are shown as what they are, text.
  const [type, subtype] = part.type === "multipart" ? ["text", "plain"] : [part.type, part.subtype];
  const size = part.body.end - part.body.start;
  const fields = `${formatString(type)} ${formatString(subtype)} ${formatParameters(part.parameters, modes)} ${headerString(part.id, modes)} ${headerString(part.description, modes)} ${formatString(part.encoding)} ${size}`;
  const extension = extended
    ? ` ${headerString(part.md5, modes)} ${disposition(part, modes)} ${language(part)} ${headerString(part.location, modes)}`
    : "";
  return `(${fields}${special(part, type, extended, modes)}${extension})`;
}

/** What text and message/rfc822 have beyond others. */
function special(part: Part, type: string, extended: boolean, modes: Modes): string {
  if (part.message) {
    return ` ${formatEnvelope(part.message.envelope, modes)} ${formatStructure(part.message.root, extended, modes)} ${part.lines}`;
  }
  return type === "text" ? ` ${part.lines}` : "";
}

function disposition({ disposition: value }: Part, modes: Modes): string {
  return value === undefined
    ? "NIL"
    : `(${headerString(value.value, modes)} ${formatParameters(value.parameters, modes)})`;
}

function language({ language: tags }: Part): string {
  if (tags === undefined || tags.length === 0) return "NIL";
  return `(${tags.map(formatString).join(" ")})`;
}
