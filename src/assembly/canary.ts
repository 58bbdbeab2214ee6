import { CANARY_DOMAIN, CanaryAccount, isCanaryAddress } from "../accounts/canary.ts";
import type { Addresses, Logins } from "../accounts/contract.ts";
import type { AlertChange } from "../alerts/book.ts";
import { alertChanged, alertNotTold } from "../alerts/events.ts";
import { Teller } from "../alerts/tell.ts";
import type { Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import { cidrContains, parseCidr, parseIp } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { CANARY_SETTING, flightText, readCanary, type CanaryState } from "../doctor/canary-state.ts";
import { canaryInbound, canarySubmission, type CanaryRoom, type Flight } from "../mta/canary.ts";
import type { Journal } from "../mta/journal.ts";
import type { Transport } from "../queue/transport.ts";
import { fly, type CanaryDoor, type CanaryWatch, type Flown } from "../rounds/canary.ts";
import { connectRemote } from "../smtp/client.ts";
import type { SmtpBackend } from "../smtp/backend.ts";
import type { Store } from "../store/store.ts";
import type { ServedCertificate } from "../tls/certificate-served.ts";
import { repeat } from "./repeat.ts";
import type { RoundFigures } from "./round-figures.ts";

type Doors = { readonly smtp: CanaryDoor; readonly submission: CanaryDoor; readonly imap: CanaryDoor };
type Around = { readonly store: Store; readonly clock: Clock; readonly log: Log };
export type CanaryTools = Around & {
  readonly addresses: Addresses;
  readonly certificate: ServedCertificate;
  readonly figures: RoundFigures;
  readonly wakeQueue: () => void;
};

/** A mail of the server through all its doors to itself, again and again (G-03); nothing where it is not wanted or cannot be. */
export class Canary {
  readonly #config: Config;
  readonly #doors: Doors | undefined;
  readonly #account: CanaryAccount;
  readonly #teller = new Teller();
  #flight: Flight | undefined;

  private constructor(config: Config, account: CanaryAccount) {
    this.#config = config;
    this.#account = account;
    this.#doors = config.doctor.enabled && config.doctor.canary ? doorsOf(config) : undefined;
  }

  static async create(config: Config, { store, clock }: Around): Promise<Canary> {
    return new Canary(config, await CanaryAccount.create(store, clock));
  }

  /** Out of the queue it comes back to our own port 25. */
  get transports(): readonly Transport[] {
    if (this.#doors === undefined) return [];
    const { address: host, port } = this.#doors.smtp;
    return [{ match: CANARY_DOMAIN, kind: "smtp", host, port, tls: "encrypt" }];
  }

  among(logins: Logins): Logins {
    return this.#doors === undefined ? logins : this.#account.among(logins);
  }

  inbound(inner: SmtpBackend, room: Omit<CanaryRoom, "flight">): SmtpBackend {
    return canaryInbound(inner, { ...room, flight: () => this.#flight });
  }

  submission(inner: SmtpBackend, room: Omit<CanaryRoom, "flight">): SmtpBackend {
    return canarySubmission(inner, { ...room, flight: () => this.#flight });
  }

  start(tools: CanaryTools): AsyncDisposable | undefined {
    if (this.#doors === undefined) return undefined;
    const doors = this.#doors;
    const { start_s, canary_s } = this.#config.doctor;
    const over = new AbortController();
    let begun = false;
    const work = async (): Promise<void> => {
      if (!begun) await tools.clock.sleep(start_s * 1000, over.signal).catch(() => {});
      begun = true;
      if (!over.signal.aborted) await this.#once(doors, tools, over.signal);
    };
    const flying = repeat("canary", canary_s * 1000, work, tools);
    return {
      async [Symbol.asyncDispose]() {
        over.abort(new Error("shutting down"));
        await flying[Symbol.asyncDispose]();
      },
    };
  }

  async #once(doors: Doors, tools: CanaryTools, signal: AbortSignal): Promise<void> {
    const { store, clock, figures, log } = tools;
    const at_ms = clock.now();
    const flown = await this.#fly(doors, tools, signal);
    if (signal.aborted) return;
    const before = readCanary(await store.directory.setting(CANARY_SETTING));
    const state: CanaryState = { ...flown, at_ms, told: flown.lost !== "" };
    if (flown.lost !== "") log.write("warn", "canary.lost", { detail: flown.lost });
    else log.write("debug", "canary.arrived", { took: flightText(flown) });
    figures.flown(state);
    await this.#tell(state, before, tools, signal);
    await store.directory.putSetting(CANARY_SETTING, JSON.stringify(state));
  }

  async #fly(doors: Doors, tools: CanaryTools, signal: AbortSignal): Promise<Flown> {
    const { store, clock, wakeQueue, certificate } = tools;
    const { hostname: hostName, doctor } = this.#config;
    const [arrived, stored] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const recipient = `${randomId(24)}@${CANARY_DOMAIN}`;
    const account = await this.#account.ready();
    this.#flight = { account, recipient, arrived: arrived.resolve, stored: stored.resolve };
    const watch: CanaryWatch = {
      recipient,
      arrived: arrived.promise,
      stored: stored.promise,
      async hurry(id) {
        if ((await store.queue.flush(id)) > 0) wakeQueue();
      },
      forget: async (id) => void (await store.queue.drop(id)),
    };
    // Name and dates are looked at as a client would; whom the world trusts is the doctor's to say.
    const ca = certificate.current().certificate;
    const tlsOptions = { ca, allowPartialTrustChain: true };
    const way = { ...doors, hostName, login: this.#account.login, tlsOptions };
    try {
      return await fly(way, watch, doctor.canary_late_s * 1000, { connect: connectRemote, clock, signal });
    } finally {
      this.#flight = undefined;
    }
  }

  async #tell(
    { lost, told }: CanaryState,
    before: CanaryState | undefined,
    tools: CanaryTools,
    signal: AbortSignal,
  ): Promise<void> {
    const known = before?.told === true;
    const values = { seconds: String(this.#config.doctor.canary_late_s), lost: lost || (before?.lost ?? "") };
    const alert = { id: "canary", kind: "canary", urgent: true, values } as const;
    const changes: readonly AlertChange[] =
      known === told ? [] : [{ state: told ? "raised" : "cleared", alert }];
    if (changes.length === 0 && !this.#teller.owes) return;
    for (const change of changes) alertChanged(tools.log, change);
    const failures = await this.#teller.tell(changes, { ...tools, config: this.#config, signal });
    for (const one of failures) if (!one.result.ok) alertNotTold(tools.log, one, one.result.error);
    tools.wakeQueue();
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
