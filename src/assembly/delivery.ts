import { request } from "node:https";
import type { Addresses } from "../accounts/contract.ts";
import type { Forwarding } from "../accounts/forwarding.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import type { Journal } from "../mta/journal.ts";
import { startOutbound } from "../mta/outbound.ts";
import type { OutboundOptions } from "../mta/outbound-options.ts";
import type { SendingNames } from "../mta/sending-names.ts";
import type { Signer } from "../mta/signer.ts";
import { connectRemote } from "../smtp/client.ts";
import type { Store } from "../store/store.ts";
import { mtaStsPolicies } from "../tls/mta-sts-cache.ts";
import { mtaStsFetch } from "../tls/mta-sts-fetch.ts";
import { withoutCanary } from "./canary.ts";
import type { Carrier } from "./carrier.ts";
import type { OutboundSettings } from "./outbound.ts";
import type { ReportCounts } from "./report-counts.ts";
import { keepSendingNames } from "./sending-names.ts";

/** Deliveries under way get this long to finish (G-09). */
const DELIVERY_GRACE_MS = 10_000;

export type DeliveryTools = {
  readonly store: Store;
  readonly journal: Journal;
  readonly dns: Dns & { readonly daneOff: boolean };
  readonly addresses: Addresses;
  readonly forwarding: Forwarding;
  readonly signer: Signer;
  readonly counts: ReportCounts;
  readonly carrier: Carrier;
  readonly settings: OutboundSettings;
  readonly clock: Clock;
  readonly log: Log;
};

/** Mail on its way out. Returns the names it leaves under. */
export function startDelivery(
  config: Config,
  tools: DeliveryTools,
  opened: AsyncDisposableStack,
): SendingNames {
  const { store, journal, dns, addresses, forwarding, signer, counts, carrier, clock, log } = tools;
  const { names } = opened.use(keepSendingNames(config, { dns, clock, log }));
  const outbound = startOutbound({
    ...tools.settings,
    store,
    addresses,
    forwarding,
    signer,
    dns,
    clock,
    log,
    mayUseIpv6: (source) => names.mayUseIpv6(source),
    daneOff: () => dns.daneOff,
    connect: connectRemote,
    random: Math.random,
    journal: withoutCanary(journal),
    mtaSts: mtaSts(store, { dns, clock, log }),
    ...(config.reports.enabled ? { tlsReports: counts.tls } : {}),
  });
  opened.defer(() => outbound.close(DELIVERY_GRACE_MS));
  carrier.begins(outbound);
  return names;
}

/** Policies of domains that want verified TLS (RFC 8461), kept over a restart. */
function mtaSts(
  store: Store,
  { dns, clock, log }: { readonly dns: Dns; readonly clock: Clock; readonly log: Log },
): NonNullable<OutboundOptions["mtaSts"]> {
  const memory = {
    get: (domain: string) => store.directory.setting(`mta-sts:${domain}`),
    put: (domain: string, text: string) => store.directory.putSetting(`mta-sts:${domain}`, text),
  };
  return mtaStsPolicies({ dns, clock, log, fetch: mtaStsFetch({ dns, request }), memory });
}
