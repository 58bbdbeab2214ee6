import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { RecordChange } from "../dns/update.ts";
import type { ZoneFault } from "../dns/update-client.ts";
import type { AcmeFailure } from "./acme-failure.ts";
import type { ExpiryAlarm } from "./acme-renewal.ts";
import { tlsaOfKey } from "./tlsa-key.ts";
import type { Readiness } from "./tlsa-rollover.ts";

const date = (at_ms: number): string => new Date(at_ms).toISOString();

/** From now on new connections see this certificate. */
export const certificateServed = (log: Log, source: string, notAfter_ms: number): void =>
  log.write("info", "certificate.served", { source, expires: date(notAfter_ms) });

export const renewalPlanned = (log: Log, at_ms: number, by: "authority" | "lifetime"): void =>
  log.write("info", "certificate.renewal-planned", { at: date(at_ms), by });

export const renewalFailed = (log: Log, failure: AcmeFailure, failures: number, next_ms: number): void =>
  log.write("warn", "certificate.renewal-failed", {
    code: failure.code,
    message: failure.message,
    remedy: failure.remedy,
    failures,
    next: date(next_ms),
  });

/** These names are left out for a while; the certificate is ordered without them. */
export const namesRefused = (
  log: Log,
  { code, message, remedy }: AcmeFailure,
  names: readonly string[],
): void => log.write("warn", "certificate.names-refused", { code, message, remedy, names: names.join(" ") });

/** Renewal goes on by the lifetime; the advice is asked for again. */
export const renewalInfoFailed = (log: Log, detail: string): void =>
  log.write("warn", "certificate.renewal-info-failed", { detail: printable(detail) });

export const renewalAdvised = (log: Log, explanation: string): void =>
  log.write("info", "certificate.renewal-advised", { explanation: printable(explanation) });

/** The alarm of T-58. */
export const certificateExpires = (
  log: Log,
  alarm: Exclude<ExpiryAlarm, "none">,
  notAfter_ms: number,
): void =>
  log.write(alarm === "critical" ? "error" : "warn", "certificate.expires", {
    alarm,
    expires: date(notAfter_ms),
    remedy:
      "See the last certificate.renewal-failed or certificate.files-unusable for what stands in the way.",
  });

/** The certificate served so far stays. */
export const filesUnusable = (log: Log, detail: string): void =>
  log.write("warn", "certificate.files-unusable", { detail: printable(detail) });

export const keeperFailed = (log: Log, error: unknown): void =>
  log.write("error", "certificate.check-failed", { error: printable(String(error)) });

/** Its record may be published from now on. */
export const nextKeyMade = (log: Log, digest: string): void =>
  log.write("info", "certificate.next-key", { tlsa: tlsaOfKey(digest) });

export const keyChanged = (log: Log, digest: string): void =>
  log.write("info", "certificate.key-changed", { tlsa: tlsaOfKey(digest) });

/** A renewal keeps the key in use; only where the operator can do something about it is it a warning. */
export function keyKept(log: Log, why: Exclude<Readiness, { kind: "ready" }>, digest: string): void {
  const tlsa = tlsaOfKey(digest);
  if (why.kind === "lacking")
    log.write("warn", "certificate.key-kept", {
      reason: `the TLSA records of ${why.owner} do not know the next key`,
      remedy: `Publish ${why.owner}. TLSA ${tlsa} beside the other one; \`wachpost dns DOMAIN\` shows both.`,
    });
  else if (why.kind === "waiting")
    log.write("info", "certificate.key-kept", {
      reason: `caches may hold TLSA records without ${tlsa}`,
      until: date(why.until_ms),
    });
  else log.write("info", "certificate.key-kept", { reason: "the TLSA records in the DNS were not seen" });
}

/** Senders that use DANE do not deliver here. */
export const tlsaMismatch = (log: Log, owner: string, digest: string): void =>
  log.write("error", "certificate.tlsa-mismatch", {
    owner,
    remedy: `Publish now: ${owner}. TLSA ${tlsaOfKey(digest)}`,
  });

export const tlsaUnknown = (log: Log, detail: string): void =>
  log.write("info", "certificate.tlsa-unknown", { detail: printable(detail) });

/** The zone has been changed; what it shows is looked at soon. */
export const tlsaChanged = (log: Log, changes: readonly RecordChange[]): void => {
  const told = (kind: RecordChange["kind"]): string =>
    changes
      .filter((one) => one.kind === kind)
      .map(({ name, data }) => `${name} ${data}`)
      .join(", ");
  log.write("info", "certificate.tlsa-changed", { added: told("add"), removed: told("remove") });
};

/** The key of the certificate stays for as long as this goes on. */
export const tlsaUpdateFailed = (
  log: Log,
  { kind, detail }: ZoneFault,
  failures: number,
  next_ms: number,
): void =>
  log.write("warn", "certificate.tlsa-update-failed", {
    reason: kind,
    detail: printable(detail),
    failures,
    next: date(next_ms),
  });

/** No TLSA record is published. */
export const tlsaUnsigned = (log: Log, hostName: string): void =>
  log.write("info", "certificate.tlsa-unsigned", {
    reason: `the resolver does not say that ${hostName} is signed (DNSSEC), and without that a TLSA record protects nobody`,
    remedy: "Sign the zone, and let dns.servers be a validating resolver on this machine.",
  });
