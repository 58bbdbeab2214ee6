import { err, ok, type Result } from "../base/result.ts";
import { countReceived, fieldKey, fields, findField } from "../message/header.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { OutgoingMessage } from "../smtp/remote.ts";
import type { MailReads, QueueEntry, QueueRecipient } from "../store/store.ts";
import { loopCheck } from "./accept.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";

/** A queued message as it goes over the wire, or why it may go nowhere. */
export async function outgoingMessage(
  mail: MailReads,
  entry: QueueEntry,
  recipients: readonly QueueRecipient[],
): Promise<Result<OutgoingMessage, Reply>> {
  const { blob, size_octets, from, body, smtpUtf8, ret, envid, tls } = entry;
  const head = await mail.octets(blob, 0, Math.min(size_octets, OUTBOUND_LIMITS.header_octets));
  if (head === undefined)
    return err(reply(554, "5.3.0", "The message is lost from the store of this server", "blob-gone"));
  const loop = loopCheck(countReceived(head));
  if (!loop.ok) return loop;
  const start = returnPathEnd(head);
  return ok({
    from,
    recipients: recipients.map(({ address, notify, orcpt }) => ({
      address,
      ...(notify ? { notify } : {}),
      ...(orcpt ? { orcpt } : {}),
    })),
    size_octets: size_octets - start,
    body,
    smtpUtf8,
    ...(ret ? { ret } : {}),
    ...(tls === "required" ? { requireTls: true } : {}),
    ...(envid === undefined ? {} : { envid }),
    // The field is ignored beside the parameter. RFC 8689 §4.1
    ...(tls === undefined && /^[ \t]*no[ \t]*$/i.test(findField(head, "tls-required") ?? "")
      ? { tlsOptional: true }
      : {}),
    octets: () => chunks(mail, blob, start, size_octets),
  });
}

/** Where the message begins for others: the Return-Path we prepended is for our own mailboxes. RFC 5321 §4.4 */
export function returnPathEnd(head: Buffer): number {
  const [first] = fields(head);
  return first !== undefined && first.start === 0 && fieldKey(head, first) === "return-path" ? first.end : 0;
}

async function* chunks(
  mail: MailReads,
  blob: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += OUTBOUND_LIMITS.chunk_octets) {
    const chunk = await mail.octets(blob, at, Math.min(at + OUTBOUND_LIMITS.chunk_octets, end));
    if (chunk === undefined) throw new Error(`blob ${blob} vanished while it was sent`);
    yield chunk;
  }
}
