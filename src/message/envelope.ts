/** ENVELOPE and the thread ids of a message, from its header fields. RFC 9051 §7.5.2, RFC 5322 §3.6.4 */
import { formatLocalPart, parseAddressList, type Address, type Mailbox } from "./address.ts";
import type { RawFields } from "./content-fields.ts";
import { headerText } from "./header-text.ts";
import { MESSAGE_LIMITS } from "./limits.ts";
import type { Envelope, EnvelopeMailbox } from "./outline.ts";

/** `onDefect` hears that a limit cut a list short. */
export function readEnvelope(fields: RawFields, onDefect: (defect: "too-many-addresses") => void): Envelope {
  const envelope: { -readonly [K in keyof Envelope]: Envelope[K] } = {};
  for (const [key, field] of FIELDS) {
    const value = fields.get(field);
    if (value === undefined) continue;
    if (isText(key)) {
      envelope[key] = headerText(value);
      continue;
    }
    const { addresses, defects } = parseAddressList(headerText(value));
    if (defects.includes("too-many-addresses")) onDefect("too-many-addresses");
    if (addresses.length > 0) envelope[key] = envelopeMailboxes(addresses);
  }
  return envelope;
}

/** In the order of the outline. */
const FIELDS: readonly (readonly [key: keyof Envelope, field: string])[] = [
  ["date", "date"],
  ["subject", "subject"],
  ["from", "from"],
  ["sender", "sender"],
  ["replyTo", "reply-to"],
  ["to", "to"],
  ["cc", "cc"],
  ["bcc", "bcc"],
  ["inReplyTo", "in-reply-to"],
  ["messageId", "message-id"],
];

type TextKey = "date" | "subject" | "inReplyTo" | "messageId";
const isText = (key: keyof Envelope): key is TextKey =>
  key === "date" || key === "subject" || key === "inReplyTo" || key === "messageId";

function envelopeMailboxes(addresses: readonly Address[]): EnvelopeMailbox[] {
  const found: EnvelopeMailbox[] = [];
  for (const address of addresses) {
    if (address.kind === "mailbox") {
      found.push(envelopeMailbox(address));
      continue;
    }
    found.push({ name: null, mailbox: address.name, host: null });
    for (const member of address.members) found.push(envelopeMailbox(member));
    found.push({ name: null, mailbox: null, host: null });
  }
  return found;
}

/** The local part in the form of RFC 5322, so that `mailbox@host` is the address even where it must be quoted. */
const envelopeMailbox = ({ name, localPart, domain }: Mailbox): EnvelopeMailbox => ({
  name: name ?? null,
  mailbox: localPart === "" ? "" : formatLocalPart(localPart),
  host: domain,
});

/**
 * Message-IDs of References, then of In-Reply-To, each once. Over the limit the first (the thread's root) and the
 * latest stay.
 *
 *   references = "References:" 1*msg-id CRLF
 */
export function readReferences(fields: RawFields): readonly string[] {
  if (!fields.has("references") && !fields.has("in-reply-to")) return [];
  const ids = new Set<string>();
  for (const name of ["references", "in-reply-to"]) {
    const value = fields.get(name);
    if (value !== undefined) for (const [id] of headerText(value).matchAll(MESSAGE_ID)) ids.add(id);
  }
  const all = [...ids];
  const { referencesMax } = MESSAGE_LIMITS;
  return all.length <= referencesMax ? all : [...all.slice(0, 1), ...all.slice(1 - referencesMax)];
}

const MESSAGE_ID = new RegExp(`<[^<>\\s]{1,${MESSAGE_LIMITS.messageIdOctetsMax}}>`, "g");
