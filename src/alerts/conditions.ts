import { expiryAlarm } from "../tls/acme-renewal.ts";
import type { Circle } from "../accounts/forward-circles.ts";
import type { OldPassword } from "../accounts/old-passwords.ts";
import type { BulkSender } from "../mta/bulk-watch.ts";
import type { TlsFailures } from "../mta/reports/tls-alarm.ts";
import { tlsaOfKey } from "../tls/tlsa-key.ts";
import type { KeeperStatus } from "../tls/certificate-keeper.ts";
import type { TlsaStatus } from "../tls/tlsa-keeper.ts";
import type { ZoneFault } from "../dns/update-client.ts";
import type { AlertKind } from "./words.ts";
import { ALERT_LIMITS } from "./limits.ts";

/** Something that is wrong now. */
export type Condition = {
  /** The same for as long as it is the same thing: `disk`, `dns-list:zen.example.org`. */
  readonly id: string;
  readonly kind: AlertKind;
  /** Mail is being lost or put off, or will be within two days. */
  readonly urgent: boolean;
  /** For the words. */
  readonly values: Readonly<Record<string, string>>;
};

/** The figures alerts are made from. */
export type AlertFacts = {
  readonly now_ms: number;
  readonly certificate: { readonly notBefore_ms: number; readonly notAfter_ms: number };
  /** How orders went, where an authority is asked. */
  readonly orders?: Pick<KeeperStatus, "failures" | "lastFailure"> | undefined;
  /** The records of its key in the DNS. */
  readonly tlsa?: TlsaStatus;
  readonly freeDisk_percent: number;
  readonly queue: { readonly messages: number; readonly oldest_ms: number | undefined };
  /** Where backups are wanted: when the last one was complete (0: never), and how often there should be one. */
  readonly backup?: {
    readonly last_ms: number;
    readonly every_ms: number;
    /** Why the last trial restore failed; undefined where it did not. */
    readonly drillFault?: string;
  };
  /** DNS lists that failed their test and are not asked. */
  readonly deadLists: readonly string[];
  /** IPv6 addresses mail could leave from, but for their missing name. */
  readonly unnamedIpv6?: readonly string[];
  /** Addresses here whose mail came back from where it was forwarded to. */
  readonly forwardCircles?: readonly Circle[];
  /** Domains that write to a large provider as only bulk senders do. */
  readonly bulkSenders?: readonly BulkSender[];
  /** Domains of ours that others could not reach over TLS, by their reports. */
  readonly tlsFailures?: readonly TlsFailures[];
  /** Own passwords that are past their age, or soon will be where they then open nothing. */
  readonly oldPasswords?: readonly OldPassword[];
  /** A newer version that the feed has told of. */
  readonly update?: {
    readonly version: string;
    readonly severity: "normal" | "security" | "critical";
    readonly text: { readonly en: string; readonly de: string };
  };
  /** The clock has jumped, and no mail expires by it until then. */
  readonly clockDoubt?: { readonly believed_ms: number; readonly said_ms: number; readonly until_ms: number };
};

export type AlertBounds = {
  readonly disk_percent: number;
  /** Below it new mail is put off. */
  readonly diskFull_percent: number;
  readonly queueAge_ms: number;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is wrong by these figures (G-13). */
export function conditions(facts: AlertFacts, bounds: AlertBounds): readonly Condition[] {
  return [
    ...certificate(facts),
    ...order(facts),
    ...tlsa(facts),
    ...disk(facts, bounds),
    ...queue(facts, bounds),
    ...backup(facts),
    ...passwords(facts),
    ...clock(facts),
    ...update(facts),
    ...(facts.bulkSenders ?? []).map(({ domain, provider, in24h, oneClick }): Condition => ({
      id: `bulk:${domain}:${provider}`,
      kind: oneClick ? "bulk" : "bulk-no-way-out",
      urgent: false,
      values: { domain, provider, count: String(in24h) },
    })),
    ...(facts.tlsFailures ?? []).map(({ domain, sessions, kind, reporters }): Condition => ({
      id: `tls-failures:${domain}`,
      kind: "tls-failures",
      urgent: false,
      values: {
        domain,
        count: String(sessions),
        kind: kind || "-",
        reporters: reporters.slice(0, NAMES_TOLD).join(", "),
      },
    })),
    ...circles(facts),
    ...(facts.unnamedIpv6 ?? []).map((address): Condition => ({
      id: `ipv6-name:${address}`,
      kind: "ipv6-name",
      urgent: false,
      values: { address },
    })),
    ...facts.deadLists.map((zone): Condition => ({
      id: `dns-list:${zone}`,
      kind: "dns-list",
      urgent: false,
      values: { zone },
    })),
  ];
}

function certificate({ certificate: validity, now_ms }: AlertFacts): readonly Condition[] {
  const alarm = expiryAlarm(validity, now_ms);
  if (alarm === "none") return [];
  const days = Math.floor((validity.notAfter_ms - now_ms) / DAY_MS);
  const values = { days: String(Math.max(0, days)), date: new Date(validity.notAfter_ms).toISOString() };
  const isOver = validity.notAfter_ms <= now_ms;
  // Another id when it becomes urgent, so that it is told again.
  return [
    {
      id: `certificate:${isOver ? "over" : alarm}`,
      kind: isOver ? "certificate-over" : "certificate",
      urgent: alarm === "critical",
      values,
    },
  ];
}

/** Other failures are told when the certificate runs out: the authority may have its reasons. This one is the zone's. */
function order({ orders }: AlertFacts): readonly Condition[] {
  const { failures, lastFailure } = orders ?? { failures: 0, lastFailure: undefined };
  if (failures < ORDER_FAILURES || lastFailure?.code !== "acme-dnssec") return [];
  const values = { names: (lastFailure.names ?? []).slice(0, NAMES_TOLD).join(", ") };
  return [{ id: "certificate-dnssec", kind: "certificate-dnssec", urgent: false, values }];
}

/** A resolver may have had a bad moment. */
const ORDER_FAILURES = 2;

/** A name server that is started anew is nobody's business: one failure is none. */
const UPDATE_FAILURES = 2;

const UPDATE_ALERTS = {
  unreachable: "tlsa-unreachable",
  "no-zone": "tlsa-refused",
  refused: "tlsa-refused",
  "bad-key": "tlsa-key",
  "bad-signature": "tlsa-key",
  "bad-truncation": "tlsa-key",
  "bad-time": "tlsa-time",
  unsigned: "tlsa-failed",
  forged: "tlsa-failed",
  "bad-record": "tlsa-failed",
  failed: "tlsa-failed",
} as const satisfies Readonly<Record<ZoneFault["kind"], AlertKind>>;

function tlsa({ tlsa: { mismatch, fault } = {} }: AlertFacts): readonly Condition[] {
  const found: Condition[] = [];
  if (mismatch !== undefined) {
    const line = `${mismatch.owner}. TLSA ${tlsaOfKey(mismatch.digest)}`;
    const values = { owner: mismatch.owner, line };
    found.push({ id: `tlsa:${mismatch.digest}`, kind: "tlsa-mismatch", urgent: true, values });
  }
  if (fault !== undefined && fault.failures >= UPDATE_FAILURES) {
    const kind = UPDATE_ALERTS[fault.kind];
    found.push({ id: kind, kind, urgent: false, values: { detail: fault.detail } });
  }
  return found;
}

function disk({ freeDisk_percent }: AlertFacts, bounds: AlertBounds): readonly Condition[] {
  const isFull = freeDisk_percent < bounds.diskFull_percent;
  if (freeDisk_percent >= bounds.disk_percent && !isFull) return [];
  const values = { percent: freeDisk_percent.toFixed(1) };
  return [{ id: isFull ? "disk:full" : "disk", kind: isFull ? "disk-full" : "disk", urgent: isFull, values }];
}

function queue(
  { queue: { messages, oldest_ms }, now_ms }: AlertFacts,
  bounds: AlertBounds,
): readonly Condition[] {
  const found: Condition[] = [];
  if (messages > ALERT_LIMITS.queueMessages)
    found.push({
      id: "queue:long",
      kind: "queue-long",
      urgent: true,
      values: { messages: String(messages) },
    });
  const age_ms = oldest_ms === undefined ? 0 : now_ms - oldest_ms;
  if (age_ms > bounds.queueAge_ms)
    found.push({
      id: "queue:old",
      kind: "queue-old",
      urgent: false,
      values: { hours: String(Math.floor(age_ms / HOUR_MS)), messages: String(messages) },
    });
  return found;
}

/** One that failed may be made up for by the next. */
function backup({ backup: wanted, now_ms }: AlertFacts): readonly Condition[] {
  if (wanted === undefined) return [];
  const { drillFault: detail } = wanted;
  const drill: readonly Condition[] =
    detail === undefined ? [] : [{ id: "drill", kind: "backup-drill", urgent: false, values: { detail } }];
  const age_ms = now_ms - wanted.last_ms;
  if (age_ms <= 2 * wanted.every_ms) return drill;
  const values = { hours: String(Math.floor(age_ms / HOUR_MS)) };
  return [
    ...drill,
    wanted.last_ms === 0
      ? { id: "backup", kind: "backup-none", urgent: false, values: {} }
      : { id: "backup", kind: "backup", urgent: false, values },
  ];
}

/** Once for each version, and again where it has become urgent meanwhile. */
function update({ update: newer }: AlertFacts): readonly Condition[] {
  if (newer === undefined) return [];
  const { version, severity, text } = newer;
  const kind = severity === "normal" ? "update" : "update-security";
  const values = { version, textEn: text.en, textDe: text.de };
  return [{ id: `update:${version}:${severity}`, kind, urgent: severity === "critical", values }];
}

function clock({ clockDoubt: doubt }: AlertFacts): readonly Condition[] {
  if (doubt === undefined) return [];
  const day = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);
  const { believed_ms, said_ms, until_ms } = doubt;
  const values = { before: day(believed_ms), now: day(said_ms), until: day(until_ms) };
  return [{ id: `clock:${values.now}`, kind: "clock-jumped", urgent: false, values }];
}

/** Whoever can write to an address can pretend that his mail came round: a few are told one by one, more as one thing. */
const CIRCLES_TOLD = 5;

function circles({ forwardCircles = [] }: AlertFacts): readonly Condition[] {
  const told = forwardCircles.slice(-CIRCLES_TOLD).map(({ alias, targets }): Condition => ({
    id: `circle:${alias}`,
    kind: "forward-circle",
    urgent: false,
    values: { address: alias, target: targets.slice(0, NAMES_TOLD).join(", ") },
  }));
  if (forwardCircles.length <= CIRCLES_TOLD) return told;
  const values = { count: String(forwardCircles.length) };
  return [{ id: "circles", kind: "forward-circles", urgent: false, values }];
}

/** Names told in one alert. */
const NAMES_TOLD = 5;

/** One for each administrator, who would be locked out; one for all others. */
function passwords({ oldPasswords = [] }: AlertFacts): readonly Condition[] {
  const expiring = oldPasswords.flatMap(({ login, opensUntil_ms }): Condition[] => {
    if (opensUntil_ms === undefined) return [];
    const values = { login, date: new Date(opensUntil_ms).toISOString().slice(0, 10) };
    return [{ id: `password:${login}`, kind: "password-admin", urgent: false, values }];
  });
  const others = oldPasswords.filter(({ opensUntil_ms }) => opensUntil_ms === undefined);
  if (others.length === 0) return expiring;
  const names = others.slice(0, NAMES_TOLD).map(({ login }) => login);
  const logins = `${names.join(", ")}${others.length > NAMES_TOLD ? ", …" : ""}`;
  const values = { count: String(others.length), logins };
  return [...expiring, { id: "passwords", kind: "passwords-old", urgent: false, values }];
}
