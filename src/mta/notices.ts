import type { Addresses } from "../accounts/contract.ts";
import { scan } from "../message/mime.ts";
import type { DsnMessage } from "../queue/dsn.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import type { Delivery, TlsDemand } from "../store/store.ts";
import { planFor } from "./plan.ts";

/**
 * The way of a notice to the sender it is for: into his mailboxes where he is ours, over the queue where he is not.
 * Undefined where there is no such sender. RFC 3461 §6.1
 */
export async function noticeDelivery(
  addresses: Addresses,
  sender: string,
  notice: DsnMessage,
  queueId: string,
  now_ms: number,
  tls?: TlsDemand,
): Promise<Delivery | undefined> {
  const to = parseMailbox(sender);
  if (!to.ok) return undefined;
  const { copies, onward } = await planFor(addresses, [{ to: to.value, notify: ["NEVER"] }]);
  if (copies.length === 0 && onward.length === 0) return undefined;
  const octets = Buffer.concat([Buffer.from("Return-Path: <>\r\n"), notice.octets]);
  const queue = {
    id: queueId,
    from: "",
    smtpUtf8: notice.smtpUtf8,
    body: notice.body,
    ...(tls === "required" ? { tls } : {}),
    created_ms: now_ms,
    recipients: onward,
  };
  return {
    source: { kind: "octets", octets },
    outline: scan(octets),
    received_ms: now_ms,
    copies,
    ...(onward.length === 0 ? {} : { queue }),
  };
}
