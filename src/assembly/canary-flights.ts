import type { Addresses } from "../accounts/contract.ts";
import { CANARY_DOMAIN } from "../accounts/canary.ts";
import type { AlertChange } from "../alerts/book.ts";
import { Teller } from "../alerts/tell.ts";
import type { Clock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { CANARY_SETTING, flightText, readCanary, type CanaryState } from "../doctor/canary-state.ts";
import { fly, type CanaryWatch, type Flown } from "../rounds/canary.ts";
import { connectRemote } from "../smtp/client.ts";
import type { Store } from "../store/store.ts";
import type { ServedCertificate } from "../tls/certificate-served.ts";
import { announce } from "./announce.ts";
import type { Canary, Doors } from "./canary.ts";
import { repeat } from "./repeat.ts";
import type { RoundFigures } from "./round-figures.ts";

export type CanaryTools = {
  readonly canary: Canary;
  readonly store: Store;
  readonly addresses: Addresses;
  readonly certificate: ServedCertificate;
  readonly figures: RoundFigures;
  readonly wakeQueue: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Sends a mail through all doors to the server itself, again and again (G-03). */
export function startCanary(config: Config, tools: CanaryTools): AsyncDisposable | undefined {
  const { doors } = tools.canary;
  if (doors === undefined) return undefined;
  const { start_s, canary_s } = config.doctor;
  const over = new AbortController();
  const flights = new Flights(config, doors, tools, over.signal);
  let begun = false;
  const work = async (): Promise<void> => {
    if (!begun) await tools.clock.sleep(start_s * 1000, over.signal).catch(() => {});
    begun = true;
    if (!over.signal.aborted) await flights.once();
  };
  const flying = repeat("canary", canary_s * 1000, work, tools);
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await flying[Symbol.asyncDispose]();
    },
  };
}

class Flights {
  readonly #config: Config;
  readonly #doors: Doors;
  readonly #tools: CanaryTools;
  readonly #signal: AbortSignal;
  readonly #teller = new Teller();

  constructor(config: Config, doors: Doors, tools: CanaryTools, signal: AbortSignal) {
    this.#config = config;
    this.#doors = doors;
    this.#tools = tools;
    this.#signal = signal;
  }

  async once(): Promise<void> {
    const { store, clock, figures, log } = this.#tools;
    const at_ms = clock.now();
    const flown = await this.#fly();
    if (this.#signal.aborted) return;
    const before = readCanary(await store.directory.setting(CANARY_SETTING));
    const state: CanaryState = { ...flown, at_ms, told: flown.lost !== "" };
    if (flown.lost !== "") log.write("warn", "canary.lost", { detail: flown.lost });
    else log.write("debug", "canary.arrived", { took: flightText(flown) });
    figures.flown(state);
    await this.#tell(state, before);
    await store.directory.putSetting(CANARY_SETTING, JSON.stringify(state));
  }

  async #fly(): Promise<Flown> {
    const { canary, store, clock, wakeQueue, certificate } = this.#tools;
    const { hostname: hostName, doctor } = this.#config;
    const [arrived, stored] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const recipient = `${randomId(24)}@${CANARY_DOMAIN}`;
    const account = await canary.account.ready();
    canary.flight = { account, recipient, arrived: arrived.resolve, stored: stored.resolve };
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
    const way = { ...this.#doors, hostName, login: canary.account.login, tlsOptions };
    try {
      return await fly(way, watch, doctor.canary_late_s * 1000, {
        connect: connectRemote,
        clock,
        signal: this.#signal,
      });
    } finally {
      canary.flight = undefined;
    }
  }

  async #tell({ lost, told }: CanaryState, before: CanaryState | undefined): Promise<void> {
    const known = before?.told === true;
    const values = { seconds: String(this.#config.doctor.canary_late_s), lost: lost || (before?.lost ?? "") };
    const alert = { id: "canary", kind: "canary", urgent: true, values } as const;
    const changes: readonly AlertChange[] =
      known === told ? [] : [{ state: told ? "raised" : "cleared", alert }];
    await announce(this.#teller, changes, { ...this.#tools, config: this.#config, signal: this.#signal });
  }
}
