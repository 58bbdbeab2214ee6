import { isLoopback, parseIp } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";
import type { Finding } from "./finding.ts";
import type { NoteId } from "./words/notes.ts";

/** What a server that only tries itself out cannot have, and need not. */
const EXPECTED: readonly NoteId[] = [
  "cert-own-authority",
  "dane-missing",
  "backup-unknown",
  "clock-unknown",
  "resolver-unknown",
];

/** The server of `wachpost try`: its name, which no DNS ever has (RFC 6761 §6.2), doors on loopback only. */
export function isTrial({ hostname, listeners }: Config): boolean {
  const addresses = Object.values(listeners).flatMap((one) =>
    one.enabled && "addresses" in one ? [...one.addresses] : [],
  );
  return (
    hostname.endsWith(".wachpost.test") &&
    addresses.every((text) => {
      const ip = parseIp(text);
      return ip !== undefined && isLoopback(ip);
    })
  );
}

/** Findings of a trial server: those that matter, and those that are as they have to be there. */
export function partTrial(findings: readonly Finding[]): {
  readonly looked: readonly Finding[];
  readonly expected: readonly Finding[];
} {
  const isExpected = (finding: Finding): boolean =>
    finding.grade !== "ok" &&
    (EXPECTED.includes(finding.note) || (finding.note === "not-looked" && finding.check.startsWith("dane-")));
  return {
    looked: findings.filter((one) => !isExpected(one)),
    expected: findings.filter(isExpected),
  };
}
