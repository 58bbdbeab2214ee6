import type { Log } from "../base/log.ts";
import type { MailTransaction, SmtpSessionFacts } from "../smtp/backend.ts";

export const messageAccepted = (
  log: Log,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  size_octets: number,
  copies: number,
  queued: number,
): void =>
  log.write("info", "message.accepted", {
    session: session.id,
    queue: mail.id,
    from: mail.from?.text ?? "",
    client: session.remote.address.text,
    login: session.identity?.login,
    size_octets,
    copies,
    queued,
  });

export const messageRefused = (
  log: Log,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  reason: string,
): void =>
  log.write("info", "message.refused", {
    session: session.id,
    queue: mail.id,
    from: mail.from?.text ?? "",
    reason,
  });

/** One answer speaks for all recipients: that this one's mail ends in a circle nobody else would tell. */
export const forwardsInCircle = (log: Log, mail: MailTransaction, address: string): void =>
  log.write("warn", "forward.circle", {
    queue: mail.id,
    from: mail.from?.text ?? "",
    address,
    remedy:
      "Mail to an address here goes to this address, comes back and ends, so nobody reads it there: take the forward out with `wachpost address`.",
  });

export const storeFailed = (
  log: Log,
  session: SmtpSessionFacts,
  mail: MailTransaction,
  error: unknown,
): void =>
  log.write("error", "message.store-failed", { session: session.id, queue: mail.id, error: String(error) });
