import { randomUUID } from "node:crypto";
import { withoutForged } from "../authentication/authentication-results-parse.ts";
import { endsInSoundAddress } from "../authentication/dmarc/author-domain.ts";
import { parseDomain } from "../base/domain-name.ts";
import { lazily } from "../base/lazily.ts";
import { mailboxesOf, parseAddressList } from "../message/address.ts";
import { formatDate } from "../message/date.ts";
import { fieldKey, fields, findFields } from "../message/header.ts";
import { shifted } from "../message/shift-outline.ts";
import { withoutStrayLineEnds } from "../message/stray-line-ends.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import { outlineOf, type Incoming } from "./accept.ts";
import { returnPathEnd } from "./outbound-message.ts";

/** Authors of one message; more is not a letter but an attack on the address check. */
const AUTHORS_MAX = 20;

/**
 * Why a login may not send a message with this header: From (and Sender, where there is one) must be addresses it
 * owns; Postfix checks the envelope only (D-24). Undefined: it may.
 */
export async function senderRefusal(
  { octets, session }: Incoming,
  owns: (address: EnvelopeAddress) => Promise<boolean>,
): Promise<Reply | undefined> {
  const from = findFields(octets, "from");
  if (from.length > 1)
    return reply(550, "5.6.0", "More than one From field (RFC 5322)", "several-from-fields");
  const sender = findFields(octets, "sender");
  if (sender.length > 1)
    return reply(550, "5.6.0", "More than one Sender field (RFC 5322)", "several-sender-fields");
  for (const [name, value] of [...named("From", from), ...named("Sender", sender)]) {
    const strangers = await firstNotOwned(value, owns);
    if (strangers !== undefined) {
      const login = session.identity?.login ?? "";
      return reply(
        550,
        "5.7.1",
        `${name} <${strangers}> is not owned by ${login}`,
        "header-sender-not-owned",
      );
    }
  }
  return undefined;
}

const named = (name: string, values: readonly string[]): [string, string][] =>
  values.map((value) => [name, value]);

async function firstNotOwned(
  value: string,
  owns: (address: EnvelopeAddress) => Promise<boolean>,
): Promise<string | undefined> {
  const { addresses, defects } = parseAddressList(value);
  const mailboxes = mailboxesOf(addresses);
  if (mailboxes.length === 0 || mailboxes.length > AUTHORS_MAX) return "unreadable";
  // Another program may find another address in what is not sound, or one behind the place where we stopped reading.
  const last = parseDomain(mailboxes.at(-1)?.domain ?? "");
  const sound = defects.every((defect) => defect === "syntax" && endsInSoundAddress(value, last));
  for (const { localPart, domain } of mailboxes) {
    const known = parseDomain(domain);
    const text = `${localPart}@${known ?? domain}`;
    if (known === undefined || !(await owns({ localPart, domain: known, text }))) return asciiOnly(text);
  }
  return sound ? undefined : "unreadable";
}

/** Replies are ASCII. */
const asciiOnly = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);

/**
 * A submitted message as it leaves: what RFC 6409 §8 lets a submission server add where the client left it out
 * (Date, Message-ID, From), behind our trace fields; no CR or LF that stands alone (T-31); and no findings in our name
 * that we did not write (C-23).
 */
export function completed(incoming: Incoming, hostName: string, now_ms: number): Incoming {
  const { octets, mail } = incoming;
  const clean = withoutForged(withoutStrayLineEnds(octets), hostName);
  const present = new Set([...fields(clean)].map((field) => fieldKey(clean, field)));
  const missing = [
    ...(present.has("date") ? [] : [`Date: ${formatDate(now_ms)}\r\n`]),
    ...(present.has("message-id") ? [] : [`Message-ID: <${randomUUID()}@${hostName}>\r\n`]),
    ...(present.has("from") || mail.from === null ? [] : [`From: <${mail.from.text}>\r\n`]),
  ];
  if (missing.length === 0 && clean === octets) return incoming;
  return withOctets(incoming, inserted(clean, traceEnd(clean), Buffer.from(missing.join(""))));
}

/** The message with further fields where they belong: behind the Return-Path, which nobody else gets to see. */
export function behindReturnPath(incoming: Incoming, fields: Buffer): Incoming {
  if (fields.length === 0) return incoming;
  return withOctets(incoming, inserted(incoming.octets, returnPathEnd(incoming.octets), fields));
}

/** The same for fields that tell nothing about the message itself: signatures, results. */
export function traced(incoming: Incoming, fields: Buffer): Incoming {
  if (fields.length === 0) return incoming;
  const octets = inserted(incoming.octets, returnPathEnd(incoming.octets), fields);
  const outline = lazily(() => shifted(incoming.outline(), fields.length));
  return { ...incoming, octets, source: { kind: "octets", octets }, outline };
}

const inserted = (octets: Buffer, at: number, fields: Buffer): Buffer =>
  Buffer.concat([octets.subarray(0, at), fields, octets.subarray(at)]);

export const withOctets = (incoming: Incoming, octets: Buffer): Incoming => ({
  ...incoming,
  octets,
  source: { kind: "octets", octets },
  outline: outlineOf(octets),
});

/** Behind the Return-Path and Received we put in front. */
function traceEnd(octets: Buffer): number {
  let end = 0;
  for (const field of fields(octets)) {
    const key = fieldKey(octets, field);
    if (key !== "return-path" && key !== "received") break;
    end = field.end;
    if (key === "received") break;
  }
  return end;
}
