import type { Addresses, Resolution } from "../accounts/contract.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { ok } from "../base/result.ts";
import { countReceived } from "../message/header.ts";
import type { Authenticator } from "../sasl/exchange.ts";
import type { MailTransaction, RcptCommand, SmtpBackend } from "../smtp/backend.ts";
import { closing, reply, type Reply } from "../smtp/reply.ts";
import type { CopyOutcome, Delivery, Store } from "../store/store.ts";
import { loopCheck, messageSink, type Acceptance, type Incoming } from "./accept.ts";
import type { ClientCount } from "./client-count.ts";
import type { FreeDisk } from "./free-disk.ts";
import { deliveryFor, planFor } from "./plan.ts";
import type { Spool } from "./spool.ts";
import { receivedField, returnPathField } from "./trace.ts";

/** What the SMTP backends are built from. */
export type MtaOptions = {
  readonly store: Store;
  readonly addresses: Addresses;
  readonly spool: Spool;
  readonly clients: ClientCount;
  readonly freeDisk: FreeDisk;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostName: string;
  readonly messageSizeMax: number;
  readonly wakeQueue: () => void;
};

/** Mail from other servers (port 25) and from programs on this machine (LMTP): for our own addresses only. */
export function inboundBackend(options: MtaOptions): SmtpBackend {
  const { hostName, messageSizeMax, clients, clock, addresses } = options;
  const acceptance = inboundAcceptance(options);
  return {
    hostName,
    messageSizeMax,
    async connect(session) {
      return clients.enter(session.id, session.remote.address) ? undefined : tooManyConnections;
    },
    disconnected: (session) => clients.leave(session.id),
    mechanisms: () => [],
    authenticator: () => refusesEveryone,
    mail: async () => options.freeDisk.refusal(),
    rcpt: (_session, mail, rcpt) => judgeRecipient(options, mail, rcpt),
    async data(session, mail) {
      const trace = returnPathField(mail) + receivedField(session, mail, hostName, clock.now());
      return ok(messageSink(acceptance, session, mail, trace));
    },
  };

  function inboundAcceptance({ store, spool, log, wakeQueue }: MtaOptions): Acceptance {
    const decide = async (incoming: Incoming) => {
      const loop = loopCheck(countReceived(incoming.octets));
      if (!loop.ok) return loop;
      return ok(deliveryFor(incoming, await planFor(addresses, incoming.mail.recipients), clock.now()));
    };
    return { store, spool, log, wakeQueue, decide, replies: accepted };
  }
}

export const tooManyConnections: Reply = closing(
  reply(421, "4.7.0", "Too many connections from your network, please try again later", "connection-limit"),
);

/** AUTH is never offered here; this is the second lock on the same door. */
const refusesEveryone: Authenticator = {
  password: async () => ({ ok: false, failure: { kind: "invalid" } }),
  scram: async () => ({ salt: new Uint8Array(16), iterations: 10_000, verifiers: [] }),
  scramDone: async () => ({ ok: false, failure: { kind: "invalid" } }),
};

/** The relay decision comes first and no rule can change it (S-35, S-37); then: is there such a user, has he room? */
async function judgeRecipient(
  options: MtaOptions,
  mail: MailTransaction,
  { to }: RcptCommand,
): Promise<Reply | undefined> {
  const resolution = await options.addresses.resolve(to);
  if (resolution.kind === "foreign") return relayDenied;
  const refused = recipientRefusal(resolution, to.text);
  if (refused) return hasRoute(to.localPart) ? relayDenied : refused;
  return quotaRefusal(options.store, resolution, mail.size ?? 0);
}

/** `user%elsewhere@us`, `elsewhere!user@us`, `"user@elsewhere"@us`: sender-specified routing. */
const hasRoute = (localPart: string): boolean => /[%!@]/.test(localPart);

const relayDenied = reply(
  554,
  "5.7.1",
  "Relay access denied: this server is not responsible for that domain",
  "relay-denied",
);

/** Why mail to this address cannot be taken, for any of the profiles. Undefined: it can. */
export function recipientRefusal(resolution: Resolution, address: string): Reply | undefined {
  switch (resolution.kind) {
    case "unknown":
      return reply(550, "5.1.1", `<${address}>: no such user here`, "unknown-recipient");
    case "disabled":
      return reply(550, "5.2.1", `<${address}>: this mailbox is disabled`, "disabled-recipient");
    case "broken":
      return reply(
        451,
        "4.3.5",
        `<${address}>: the alias is not usable, its administrator must mend it`,
        "broken-alias",
      );
    default:
      return undefined;
  }
}

/** Quota is decided here and not after DATA: what got 250 is delivered even where it is the last straw (D-23, D-49). */
export async function quotaRefusal(
  store: Store,
  resolution: Resolution,
  size_octets: number,
): Promise<Reply | undefined> {
  if (resolution.kind !== "local") return undefined;
  for (const { account } of resolution.accounts) {
    const row = await store.directory.account(account);
    if (row !== undefined && row.quota_octets > 0 && row.used_octets + size_octets > row.quota_octets) {
      return reply(452, "4.2.2", "Mailbox full, please try again later", "over-quota");
    }
  }
  return undefined;
}

export function accepted(
  { session, mail }: Incoming,
  _delivery: Delivery,
  _outcomes: readonly CopyOutcome[],
): readonly Reply[] {
  const answer = reply(250, "2.0.0", `Ok: queued as ${mail.id}`);
  return session.profile === "lmtp" ? mail.recipients.map(() => answer) : [answer];
}
