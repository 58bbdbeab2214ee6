import { networkInterfaces } from "node:os";
import { rootCertificates } from "node:tls";
import type { Config } from "../config/schema.ts";
import type { OutboundOptions } from "../mta/outbound-options.ts";
import type { Transport } from "../queue/transport.ts";
import { readSetting } from "./certificate.ts";
import { sourced, transportsOf } from "./transports.ts";

/** What the configuration says of delivery; the rest is rooms. */
export type OutboundSettings = Omit<
  OutboundOptions,
  "store" | "addresses" | "forwarding" | "signer" | "dns" | "connect" | "clock" | "random" | "log" | "journal"
>;

/** `first`: next hops that no setting overrides. */
export async function outboundSettings(
  config: Config,
  first: readonly Transport[],
): Promise<OutboundSettings> {
  const { queue, outbound } = config;
  const authorities =
    outbound.ca_file === undefined ? undefined : await readSetting("outbound.ca_file", outbound.ca_file);
  return {
    hostName: config.hostname,
    policy: {
      firstRetry_ms: queue.first_retry_s * 1000,
      retryMax_ms: queue.retry_max_s * 1000,
      expire_ms: queue.expire_s * 1000,
      delayNotice_ms: queue.delay_notice_s * 1000,
    },
    transports: [...first, ...(await transportsOf(config))],
    ownAddresses: ownAddresses(config),
    smtpPort: outbound.port,
    ...(authorities === undefined ? {} : { tlsOptions: { ca: [...rootCertificates, authorities] } }),
    ...sourced(outbound.local_address),
    concurrency: { total: queue.concurrency, perDestination: queue.concurrency_per_destination },
  };
}

/** Where mail would come back to us: the addresses port 25 listens on, all of the machine for a wildcard. */
function ownAddresses({ listeners: { smtp } }: Config): readonly string[] {
  const everywhere = smtp.addresses.some((address) => address === "0.0.0.0" || address === "::");
  if (!everywhere) return smtp.addresses;
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
