import { CANARY_DOMAIN, CanaryAccount, isCanaryAddress } from "../accounts/canary.ts";
import type { Logins } from "../accounts/contract.ts";
import type { Clock } from "../base/clock.ts";
import { cidrContains, parseCidr, parseIp } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";
import { canaryInbound, canarySubmission, type CanaryRoom, type Flight } from "../mta/canary.ts";
import type { Journal } from "../mta/journal.ts";
import type { Transport } from "../queue/transport.ts";
import type { CanaryDoor } from "../rounds/canary.ts";
import type { SmtpBackend } from "../smtp/backend.ts";
import type { Store } from "../store/store.ts";

export type Doors = { readonly smtp: CanaryDoor; readonly submission: CanaryDoor; readonly imap: CanaryDoor };

/** What of the server knows its mail to itself (G-03; `canary-flights.ts` sends it); nothing where it is not wanted or cannot be. */
export class Canary {
  readonly account: CanaryAccount;
  /** The way it takes. */
  readonly doors: Doors | undefined;
  /** One that is under way. */
  flight: Flight | undefined;

  private constructor(config: Config, account: CanaryAccount) {
    this.account = account;
    this.doors = config.doctor.enabled && config.doctor.canary ? doorsOf(config) : undefined;
  }

  static async create(
    config: Config,
    { store, clock }: { readonly store: Store; readonly clock: Clock },
  ): Promise<Canary> {
    return new Canary(config, await CanaryAccount.create(store, clock));
  }

  /** Out of the queue it comes back to our own port 25. */
  get transports(): readonly Transport[] {
    if (this.doors === undefined) return [];
    const { address: host, port } = this.doors.smtp;
    return [{ match: CANARY_DOMAIN, kind: "smtp", host, port, tls: "encrypt" }];
  }

  among(logins: Logins): Logins {
    return this.doors === undefined ? logins : this.account.among(logins);
  }

  inbound(inner: SmtpBackend, room: Omit<CanaryRoom, "flight">): SmtpBackend {
    return canaryInbound(inner, { ...room, flight: () => this.flight });
  }

  submission(inner: SmtpBackend, room: Omit<CanaryRoom, "flight">): SmtpBackend {
    return canarySubmission(inner, { ...room, flight: () => this.flight });
  }
}

/** What becomes of the canary's mail is nobody's history. */
export const withoutCanary = (journal: Journal): Pick<Journal, "add"> => ({
  add(record) {
    if (record.kind !== "delivery" || !isCanaryAddress(record.recipient)) journal.add(record);
  },
});

/** Undefined where a door is missing, or takes us for its proxy. */
function doorsOf({ listeners }: Config): Doors | undefined {
  const submission = doorAt(listeners.submissions, "implicit") ?? doorAt(listeners.submission, "starttls");
  const imap = doorAt(listeners.imaps, "implicit") ?? doorAt(listeners.imap, "starttls");
  const smtp = doorAt(listeners.smtp, "starttls");
  return submission && imap && smtp && { smtp, submission, imap };
}

type Setting = Config["listeners"]["imaps"];

function doorAt(
  { enabled, addresses, port, proxy_from }: Setting,
  tls: CanaryDoor["tls"],
): CanaryDoor | undefined {
  const [first = "0.0.0.0"] = addresses;
  const address = first === "0.0.0.0" ? "127.0.0.1" : first === "::" ? "::1" : first;
  const ip = parseIp(address);
  if (!enabled || ip === undefined) return undefined;
  const isProxy = proxy_from.some((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && cidrContains(cidr, ip);
  });
  return isProxy ? undefined : { address, port, tls };
}
