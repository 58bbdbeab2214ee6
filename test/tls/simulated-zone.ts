/** A world in memory whose clock moves by hand: a zone with a slow secondary, an authority with moods, files that survive a kill. */
import { ManualClock } from "../../src/base/clock.ts";
import { err, ok } from "../../src/base/result.ts";
import type { TlsaRecord } from "../../src/dns/answer.ts";
import type { AcmeFiles } from "../../src/tls/acme-files.ts";
import { createAuthority, issueCertificate } from "../../src/tls/certificate.ts";
import type { CertificateAuthority } from "../../src/tls/certificate-keeper.ts";
import type { TlsaWatch } from "../../src/tls/tlsa-watch.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const START_MS = Date.UTC(2026, 10, 30);
export const OWNER = "_25._tcp.mx.example.org";

export type Random = () => number;
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a server of the zone showed from a moment on. */
export type Version = {
  readonly from_ms: number;
  readonly digests: readonly string[];
  readonly ttl_s: number;
};

/** A primary, and a secondary that follows hours later. */
export class Zone {
  readonly versions: Version[] = [];
  readonly lags_ms: readonly number[];

  constructor(secondaryLag_ms: number) {
    this.lags_ms = [0, secondaryLag_ms];
  }

  publish(version: Version): void {
    this.versions.push(version);
  }

  /** What one server shows. */
  shown(lag_ms: number, now_ms: number): Version | undefined {
    return this.versions.findLast(({ from_ms }) => from_ms + lag_ms <= now_ms);
  }

  /** Every record set that a cache somewhere may hold: fetched at the last moment it was shown, kept for its whole TTL. */
  cacheable(now_ms: number): readonly Version[] {
    return this.lags_ms.flatMap((lag_ms) =>
      this.versions.filter(({ from_ms, ttl_s }, i) => {
        const next = this.versions[i + 1];
        const gone_ms = next === undefined ? Number.POSITIVE_INFINITY : next.from_ms + lag_ms + ttl_s * 1000;
        return from_ms + lag_ms <= now_ms && now_ms < gone_ms;
      }),
    );
  }
}

export const record = (digest: string): TlsaRecord => ({
  usage: 3,
  selector: 1,
  matching: 1,
  data: Buffer.from(digest, "hex"),
});

export const watchOf = (zone: Zone, clock: ManualClock, silent: () => boolean): TlsaWatch => ({
  async look() {
    const shown = zone.lags_ms.map((lag_ms) => zone.shown(lag_ms, clock.now()));
    const sets = shown.map((version) => ({
      owner: OWNER,
      records: version?.digests.map(record) ?? [],
      ttl_s: version === undefined || version.digests.length === 0 ? 0 : version.ttl_s,
    }));
    if (silent()) return { kind: "unknown", detail: "ns2 does not answer", sets: sets.slice(0, 1) };
    return { kind: "seen", sets };
  },
});

export function memoryFiles(kept = new Map<string, string>()): AcmeFiles {
  return {
    read: async (name) => kept.get(name),
    write: async (name, content) => void kept.set(name, content),
    remove: async (name) => void kept.delete(name),
  };
}

export const AUTHORITY = createAuthority({
  subject: "Simulated",
  names: [],
  notBefore_ms: START_MS,
  notAfter_ms: START_MS + 3650 * DAY_MS,
});

export type Plan = { readonly life_ms: number; readonly fails: number };

/** Takes its time, fails at random, advises random windows, and sometimes wants everything renewed at once. */
export const authorityOf = (
  clock: ManualClock,
  random: Random,
  { life_ms, fails }: Plan,
): CertificateAuthority => ({
  async order({ names, key }, signal) {
    await clock.sleep(random() * 2 * HOUR_MS, signal).catch(() => {});
    if (random() < fails) return err({ code: "acme-unreachable", message: "down", remedy: "wait" });
    const span = { notBefore_ms: clock.now(), notAfter_ms: clock.now() + life_ms };
    return ok(issueCertificate({ subject: names[0] ?? "", names, ...span }, AUTHORITY, "Simulated", key));
  },
  async renewalInfo() {
    if (random() < 0.2) return err({ code: "acme-unreachable", message: "down", remedy: "wait" });
    const start_ms = random() < 0.02 ? clock.now() - DAY_MS : clock.now() + life_ms * (0.4 + random() * 0.3);
    return ok({
      window: {
        start: new Date(start_ms).toISOString(),
        end: new Date(start_ms + life_ms / 20).toISOString(),
      },
      explanation: undefined,
      retryAfter_ms: 6 * HOUR_MS,
    });
  },
});

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
