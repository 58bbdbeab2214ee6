import type { Addresses } from "../accounts/contract.ts";
import type { Forwarding } from "../accounts/forwarding.ts";
import { keepKeys } from "../accounts/key-keeper.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import type { BulkWatch } from "../mta/bulk-watch.ts";
import { startAlerts } from "./alerts.ts";
import { keepBackups } from "./backup.ts";
import type { Canary } from "./canary.ts";
import { startCanary } from "./canary-flights.ts";
import type { KeptCertificate } from "./certificate.ts";
import { startDelivery, type DeliveryTools } from "./delivery.ts";
import { keepExpiry } from "./expiry.ts";
import { repeat } from "./repeat.ts";
import { startReports, watchTlsReports } from "./reports.ts";
import type { RoundFigures } from "./round-figures.ts";
import { startRounds } from "./rounds.ts";
import { watchUpdates } from "./updates.ts";
import { readinessOf } from "./web.ts";

/** Signing keys are looked after this often. */
const KEYS_MS = 3_600_000;

export type RoutineTools = DeliveryTools & {
  readonly addresses: Addresses;
  readonly forwarding: Forwarding;
  readonly certificate: KeptCertificate;
  readonly canary: Canary;
  readonly bulk: BulkWatch;
  /** DNS lists that are switched off. */
  readonly deadLists: () => readonly string[];
  readonly figures: RoundFigures;
  /** Where the configuration was read from. */
  readonly configFile: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

/** What the server does by itself once its doors are open: a start that fails sends nothing, tells nobody and removes nothing. */
export function startRoutines(config: Config, tools: RoutineTools, opened: AsyncDisposableStack): void {
  const sending = startDelivery(config, tools, opened);
  const all = {
    ...tools,
    sending,
    wakeQueue: () => tools.carrier.wake(),
    readiness: readinessOf(config, tools),
  };
  opened.use(repeat("signing-keys", KEYS_MS, () => keepKeys(tools), tools));
  opened.use(startReports(config, all));
  opened.use(keepBackups(config, tools));
  const { failures: tlsFailures } = opened.use(watchTlsReports(config, tools));
  opened.use(startAlerts(config, { ...all, tlsFailures }));
  opened.use(startRounds(config, all));
  opened.use(startCanary(config, all));
  opened.use(watchUpdates(config, tools));
  opened.use(keepExpiry(tools));
}
