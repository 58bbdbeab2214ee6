import { cidrContains, parseCidr } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";

/** Below this, mail programs are not given enough to keep existing mail safe; the default of the schema. */
const DISK_FREE_PERCENT = 5;
/** So large a network is not one's own. */
const CROWD_BITS = 8;
/** RFC 5321 §4.5.4.1: mail is given up after four or five days, not earlier. */
const GIVE_UP_S = 4 * 86_400;
const LOOPBACK = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseCidr(text) ?? []);

/** Every setting that is weaker than the default of the schema, as it stands in the file (DESIGN §7). */
export function weakenedSettings(config: Config): readonly string[] {
  const found: string[] = [];
  const { policy, limits, outbound, web, alerts, queue } = config;
  if (policy.dmarc !== "enforce") found.push(`policy.dmarc = "${policy.dmarc}"`);
  if (policy.dmarc_unknown !== "defer") found.push(`policy.dmarc_unknown = "${policy.dmarc_unknown}"`);
  const wider = policy.mynetworks.filter((text) => !isLoopbackNetwork(text));
  if (wider.length > 0) found.push(`policy.mynetworks: ${wider.join(", ")}`);
  if (limits.disk_free_percent < DISK_FREE_PERCENT)
    found.push(`limits.disk_free_percent = ${limits.disk_free_percent}`);
  if (config.sasl.scram === "never") found.push('sasl.scram = "never"');
  if (!alerts.mail_enabled && alerts.webhook === undefined) found.push("alerts.mail_enabled = false");
  if (queue.expire_s < GIVE_UP_S) found.push(`queue.expire_s = ${queue.expire_s}`);
  const crowds = web.metrics_networks.filter(isCrowd);
  if (crowds.length > 0) found.push(`web.metrics_networks: ${crowds.join(", ")}`);
  for (const [name, listener] of Object.entries(config.listeners)) {
    if ("xclient_from" in listener && listener.xclient_from.length > 0)
      found.push(`listeners.${name}.xclient_from = ${JSON.stringify(listener.xclient_from)}`);
    // Whoever is in there can say that his mail comes from anywhere.
    const proxies = "proxy_from" in listener ? listener.proxy_from.filter(isCrowd) : [];
    if (proxies.length > 0) found.push(`listeners.${name}.proxy_from: ${proxies.join(", ")}`);
  }
  for (const { domain, tls } of outbound.transports) {
    if (tls === "none" || tls === "opportunistic")
      found.push(`outbound.transports: ${domain}, tls = "${tls}"`);
  }
  return found;
}

const isCrowd = (text: string): boolean => (parseCidr(text)?.prefix_bits ?? 0) <= CROWD_BITS;

function isLoopbackNetwork(text: string): boolean {
  const network = parseCidr(text);
  return (
    network !== undefined &&
    LOOPBACK.some((known) => network.prefix_bits >= known.prefix_bits && cidrContains(known, network.address))
  );
}
