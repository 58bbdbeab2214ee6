import type { Clock } from "../base/clock.ts";
import { parseCidr, type Cidr } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { AccessTableRow, Store } from "../store/store.ts";
import type { Ban, BanList } from "./ban-list.ts";
import { bansNotKept } from "./rate-events.ts";
import { BAN_LIMITS } from "./rate-limits.ts";

/** The access table that holds the bans: `wachpost access list bans`, `… remove bans 192.0.2.1/32`. */
const TABLE = "bans";
/** The access table of clients: who stands there with OK is spared. */
const CLIENTS = "clients";

export type BanBookOptions = {
  readonly tables: Store["tables"];
  readonly bans: BanList;
  /** Spared by configuration. */
  readonly trusted: readonly Cidr[];
  readonly clock: Clock;
  readonly log: Log;
};

/** The bans on paper: they outlive a restart, and operators read, add and lift them like every other access entry. */
export interface BanBook extends AsyncDisposable {
  /** Writes a ban down, soon. */
  add(ban: Ban): void;
}

/** Reads the tables once, then whenever somebody has changed them. */
export async function openBanBook(options: BanBookOptions): Promise<BanBook> {
  const { tables, bans, clock, log } = options;
  const over = new AbortController();
  let writing = Promise.resolve();
  /** Made since the last look at the table began, which may not have seen them. */
  let fresh: Ban[] = [];
  let seen = -1;
  await readTables();
  const watching = watch();
  return {
    add(ban) {
      fresh.push(ban);
      writing = writing
        .then(() => tables.putAccess(rowOf(ban)))
        .catch((error: unknown) => bansNotKept(log, error));
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await watching;
      await writing;
    },
  };

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(BAN_LIMITS.poll_ms, over.signal).catch(() => {});
      if (!over.signal.aborted) await readTables().catch((error: unknown) => bansNotKept(log, error));
    }
  }

  async function readTables(): Promise<void> {
    await writing;
    fresh = [];
    const version = await tables.tablesVersion();
    if (version === seen) return;
    const now_ms = clock.now();
    const banned = await tables.accessEntries(TABLE, now_ms);
    const clients = await tables.accessEntries(CLIENTS, now_ms);
    seen = version;
    bans.spare([...options.trusted, ...allowed(clients)]);
    bans.replace([...banned.map(banOf), ...fresh].sort((a, b) => a.since_ms - b.since_ms));
  }
}

function allowed(rows: readonly AccessTableRow[]): readonly Cidr[] {
  return rows.filter(({ value }) => /^ok\b/i.test(value)).flatMap(({ key }) => parseCidr(key) ?? []);
}

const rowOf = ({ network, reason, since_ms, until_ms }: Ban): AccessTableRow => ({
  table: TABLE,
  key: network,
  value: "DEFER banned",
  reason,
  author: "wachpost",
  created_ms: since_ms,
  ...(until_ms === undefined ? {} : { expires_ms: until_ms }),
});

const banOf = ({ key, reason, created_ms, expires_ms }: AccessTableRow): Ban => ({
  network: key,
  reason,
  since_ms: created_ms,
  ...(expires_ms === undefined ? {} : { until_ms: expires_ms }),
});
