import { randomUUID } from "node:crypto";
import type { Addresses } from "../accounts/contract.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatAddrSpec, mailboxesOf, parseAddressList } from "../message/address.ts";
import { formatDate } from "../message/date.ts";
import { fieldKey, fields, findFields, removeFields } from "../message/header.ts";
import { scan } from "../message/mime.ts";
import { withoutStrayLineEnds } from "../message/stray-line-ends.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { RcptCommand } from "../smtp/backend.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import type { Delivery } from "../store/store.ts";
import { recipientRefusal } from "./inbound.ts";
import { planFor } from "./plan.ts";

/** A message that a program on this machine hands over, as sendmail(1) takes it. */
export type LocalLetter = {
  /** Lines may end as Unix has them. */
  readonly octets: Buffer;
  readonly recipients: readonly string[];
  /** Recipients are those of To, Cc and Bcc too (`-t`). */
  readonly fromHeader: boolean;
  /** Envelope sender; without it the first address of From. */
  readonly sender?: string;
};
export type LocalSetting = { readonly hostName: string; readonly id: string; readonly now_ms: number };
export type LocalRefusal = { readonly code: string; readonly text: string };

/**
 * What becomes of it: copies for our own people, the rest for the queue. Its sender must be of a domain of ours, and
 * nobody is written to who does not exist here.
 */
export async function localSubmission(
  letter: LocalLetter,
  addresses: Addresses,
  setting: LocalSetting,
): Promise<Result<Delivery, LocalRefusal>> {
  const given = withCrlf(letter.octets);
  const sender = await senderOf(letter, given, addresses);
  if (!sender.ok) return sender;
  const recipients = await recipientsOf(letter, given, addresses);
  if (!recipients.ok) return recipients;
  const { copies, onward } = await planFor(addresses, recipients.value);
  const octets = Buffer.concat([traceOf(sender.value, given, setting), removeFields(given, "bcc")]);
  const { id, now_ms } = setting;
  const queue = {
    id,
    from: sender.value.text,
    smtpUtf8: /[^\x00-\x7f]/.test(onward.map(({ address }) => address).join("")),
    body: "8BITMIME" as const,
    created_ms: now_ms,
    recipients: onward,
  };
  return ok({
    source: { kind: "octets", octets },
    outline: scan(octets),
    received_ms: now_ms,
    copies,
    ...(onward.length === 0 ? {} : { queue }),
  });
}

/** Unix line ends become CRLF; what stands alone after that becomes a space (T-31). */
function withCrlf(octets: Buffer): Buffer {
  const text = octets.toString("latin1").replace(/\r?\n/g, "\r\n");
  return withoutStrayLineEnds(Buffer.from(text.endsWith("\r\n") ? text : `${text}\r\n`, "latin1"));
}

async function senderOf(
  letter: LocalLetter,
  octets: Buffer,
  addresses: Addresses,
): Promise<Result<EnvelopeAddress, LocalRefusal>> {
  const text = letter.sender ?? mailboxTexts(findFields(octets, "from"))[0];
  if (text === undefined)
    return refuse("no-sender", "The message has no From field; name a sender with -f ADDRESS.");
  const parsed = parseMailbox(text);
  if (!parsed.ok) return refuse("bad-sender", `${text} is not an address.`);
  if (!(await addresses.isLocalDomain(parsed.value.domain)))
    return refuse("sender-not-ours", `${text} is not of a domain of this server.`);
  return parsed;
}

async function recipientsOf(
  { recipients, fromHeader }: LocalLetter,
  octets: Buffer,
  addresses: Addresses,
): Promise<Result<readonly RcptCommand[], LocalRefusal>> {
  const header = fromHeader ? ["to", "cc", "bcc"].flatMap((name) => findFields(octets, name)) : [];
  const commands: RcptCommand[] = [];
  for (const text of new Set([...recipients, ...mailboxTexts(header)])) {
    const parsed = parseMailbox(text);
    if (!parsed.ok) return refuse("bad-recipient", `${text} is not an address.`);
    const refused = recipientRefusal(await addresses.resolve(parsed.value), text);
    if (refused) return refuse(refused.reason ?? "refused", `${refused.lines.join(" ")}.`);
    commands.push({ to: parsed.value });
  }
  return commands.length === 0
    ? refuse("no-recipients", "Nobody to send to: name recipients, or give -t to take those of the header.")
    : ok(commands);
}

const refuse = (code: string, text: string): Result<never, LocalRefusal> => err({ code, text });

const mailboxTexts = (values: readonly string[]): string[] =>
  values.flatMap((value) => mailboxesOf(parseAddressList(value).addresses).map(formatAddrSpec));

/** Trace, and what RFC 6409 §8 lets a submission server add. */
function traceOf(sender: EnvelopeAddress, octets: Buffer, { hostName, id, now_ms }: LocalSetting): Buffer {
  const present = new Set([...fields(octets)].map((field) => fieldKey(octets, field)));
  const date = formatDate(now_ms);
  return Buffer.from(
    [
      `Return-Path: <${sender.text}>\r\n`,
      `Received: by ${hostName} with local id ${id};\r\n\t${date}\r\n`,
      present.has("date") ? "" : `Date: ${date}\r\n`,
      present.has("message-id") ? "" : `Message-ID: <${randomUUID()}@${hostName}>\r\n`,
      present.has("from") ? "" : `From: <${sender.text}>\r\n`,
    ].join(""),
  );
}
