import { cidrContains, parseCidr } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";

/** Below this, mail programs are not given enough to keep existing mail safe; the default of the schema. */
const DISK_FREE_PERCENT = 5;
/** So large a network is not one's own. */
const CROWD_BITS = 8;
const LOOPBACK = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseCidr(text) ?? []);

/** Every setting that is weaker than the default of the schema, as it stands in the file (DESIGN §7). */
export function weakenedSettings(config: Config): readonly string[] {
  const found: string[] = [];
  const { policy, limits, outbound, web } = config;
  if (policy.dmarc !== "enforce") found.push(`policy.dmarc = "${policy.dmarc}"`);
  const wider = policy.mynetworks.filter((text) => !isLoopbackNetwork(text));
  if (wider.length > 0) found.push(`policy.mynetworks with ${wider.join(", ")}`);
  if (limits.disk_free_percent < DISK_FREE_PERCENT)
    found.push(`limits.disk_free_percent = ${limits.disk_free_percent}`);
  if (config.sasl.scram === "never") found.push('sasl.scram = "never"');
  const crowds = web.metrics_networks.filter((text) => (parseCidr(text)?.prefix_bits ?? 0) <= CROWD_BITS);
  if (crowds.length > 0) found.push(`web.metrics_networks with ${crowds.join(", ")}`);
  for (const [name, listener] of Object.entries(config.listeners)) {
    if ("xclient_from" in listener && listener.xclient_from.length > 0)
      found.push(`listeners.${name}.xclient_from = ${JSON.stringify(listener.xclient_from)}`);
  }
  for (const { domain, tls } of outbound.transports) {
    if (tls === "none" || tls === "opportunistic")
      found.push(`outbound.transports: ${domain} with tls = "${tls}"`);
  }
  return found;
}

function isLoopbackNetwork(text: string): boolean {
  const network = parseCidr(text);
  return (
    network !== undefined &&
    LOOPBACK.some((known) => network.prefix_bits >= known.prefix_bits && cidrContains(known, network.address))
  );
}
