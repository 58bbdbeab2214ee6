import { parseIp } from "../../base/ip.ts";
import { failure, fine, unknown } from "../finding.ts";
import type { HostTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { reasonOf, recordsOf } from "./answers.ts";

/**
 * Whether the name said in EHLO leads to the address that says it: receivers look it up, and the SPF record of that name
 * answers for mail without a sender. RFC 5321 §4.1.4, RFC 7208 §2.3
 */
export const sourceName: Probe<HostTarget> = {
  id: "source-name",
  title: phrase("Addresses mail leaves from", "Adressen, von denen Mail abgeht"),
  source: "RFC 5321 §4.1.4, RFC 7208 §2.3",
  checks: ["source-name"],
  applies: (_check, { sends }) => sends === true,
  async run({ name, address, sends }, net) {
    const ip = parseIp(address);
    if (ip === undefined || sends !== true) return [];
    const answer = await net.dns.query(name, ip.family === 6 ? "AAAA" : "A");
    if (answer.kind === "failure")
      return [unknown("source-name", address, "", "dns-failed", { name, reason: reasonOf(answer) })];
    const found = recordsOf(answer) ?? [];
    const evidence = [name, ...found].join(" ");
    return found.some((one) => parseIp(one)?.text === ip.text)
      ? [fine("source-name", address, evidence)]
      : [failure("source-name", address, evidence, "source-elsewhere", { address, name })];
  },
};
