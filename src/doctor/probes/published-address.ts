import { parseIp } from "../../base/ip.ts";
import { isPublicAddress } from "../../tls/public-address.ts";
import { failure, fine, unknown, type Finding } from "../finding.ts";
import type { HostTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { textOf } from "./open-tls.ts";
import { seenReason } from "../words/seen.ts";

const isSix = (address: string): boolean => parseIp(address)?.family === 6;

/**
 * Does the mail host answer at every address the DNS names? Our own is otherwise visited where it listens, which an old
 * record does not show; of others this is about IPv6, since port 25 is visited anyway. RFC 5321 §5.1, Internet.nl IPv6-4
 */
export const publishedAddress: Probe<HostTarget> = {
  id: "published-address",
  title: phrase("Published addresses", "Veröffentlichte Adressen"),
  source: "RFC 5321 §5.1, Internet.nl IPv6-4",
  checks: ["mx-reach", "mx-ipv6-reach"],
  applies: (check, { address, ours, sendsOnly }) =>
    sendsOnly !== true && (check === "mx-ipv6-reach" ? isSix(address) : ours && !isSix(address)),
  async run(host, net) {
    if (host.sendsOnly === true) return [];
    return host.ours || isSix(host.address) ? [await knock(host, net)] : [];
  },
};

async function knock(host: HostTarget, net: Net): Promise<Finding> {
  const { address, name } = host;
  const check = isSix(address) ? "mx-ipv6-reach" : "mx-reach";
  const place = { address, name, port: String(host.port) };
  const ip = parseIp(address);
  // That nobody reaches it is known, whoever answers here.
  if (ip === undefined || !isPublicAddress(ip))
    return unknown(check, address, "", "not-looked", { reason: "mx-public" });
  if (isSix(address) && !net.hasIpv6) return unknown(check, address, "", "no-ipv6-here", place);
  const connected = await net.connect(host);
  if (!connected.ok) return silent(check, host, connected.error, net);
  using visit = connected.value;
  const greeting = await visit.reply();
  if (!greeting.ok) return silent(check, host, greeting.error, net);
  const found = textOf(greeting.value);
  const isOther = host.ours && greeting.value.lines[0]?.split(" ")[0]?.toLowerCase() !== name;
  return isOther
    ? failure(check, address, found, "mx-stranger", { ...place, found })
    : fine(check, address, found);
}

/** A machine that has public addresses of its own sees what others see; behind a router it need not. */
function silent(check: "mx-reach" | "mx-ipv6-reach", host: HostTarget, reason: string, net: Net): Finding {
  const { address, name, port } = host;
  const values = { address, name, port: String(port), reason };
  const seesAsOthers = net.publicAddresses.some((one) => isSix(one) === isSix(address));
  return host.ours && seesAsOthers
    ? failure(check, address, seenReason(reason), "mx-silent", values)
    : unknown(check, address, seenReason(reason), "mx-not-seen", values);
}
