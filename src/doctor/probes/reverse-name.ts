import { checkReverse } from "../../authentication/iprev.ts";
import { parseIp } from "../../base/ip.ts";
import { failure, fine, saidOnce, unknown } from "../finding.ts";
import type { HostTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { absent } from "../words/seen.ts";

/** What the address of a mail host is called, and whether that name leads back. RFC 8601 §2.7.3 */
export const reverseNameOf: Probe<HostTarget> = {
  id: "reverse-name",
  title: phrase("Reverse names", "Rückwärtsnamen"),
  source: "RFC 1912 §2.1, RFC 8601 §2.7.3",
  checks: ["ptr-exists", "ptr-confirmed"],
  async run({ name, address }, net) {
    const ip = parseIp(address);
    if (ip === undefined) return [];
    const found = await checkReverse(ip, net.dns);
    const reverse = found.reverseName ?? "";
    const lost = { name: address, reason: "no answer" };
    if (found.result === "permerror")
      return saidOnce(
        failure("ptr-exists", address, absent("PTR"), "ptr-missing", { address, name }),
        failure("ptr-confirmed", address, absent("PTR"), "ptr-missing", { address, name }),
      );
    if (found.result === "temperror" && reverse === "")
      return [
        unknown("ptr-exists", address, "", "dns-failed", lost),
        unknown("ptr-confirmed", address, "", "dns-failed", lost),
      ];
    const exists = fine("ptr-exists", address, reverse);
    if (found.result === "pass") return [exists, fine("ptr-confirmed", address, found.name ?? reverse)];
    return found.result === "temperror"
      ? [exists, unknown("ptr-confirmed", address, reverse, "dns-failed", { ...lost, name: reverse })]
      : [
          exists,
          failure("ptr-confirmed", address, reverse, "ptr-unconfirmed", { address, name, found: reverse }),
        ];
  },
};
