import type { ReportCount, ReportKey } from "../report-counts.ts";
import { STORE_LIMITS } from "../store.ts";
import type { Input, PruneStep } from "./operations.ts";
import type { Transaction } from "./transaction.ts";
import { deliver } from "./writes-deliver.ts";

/** Reports forgotten in one operation; each may have thousands of rows. */
const PRUNE_STEP = 5;

type Totals = { reports: number; rows: number };

export function countReports({ db }: Transaction, counts: readonly ReportCount[]): void {
  const totals = new Map<string, Totals>();
  for (const count of counts) {
    const { kind, day } = count;
    const known = totals.get(kind + day) ?? totalsOf(db, kind, day);
    totals.set(kind + day, known);
    countOne(db, count, known);
  }
}

function totalsOf(db: Transaction["db"], kind: string, day: string): Totals {
  const row = db.one<Totals>(
    "SELECT count(*) AS reports, total(row_count) AS rows FROM report WHERE kind = ? AND day = ?",
    kind,
    day,
  );
  return { reports: row?.reports ?? 0, rows: row?.rows ?? 0 };
}

function countOne(db: Transaction["db"], { facts, count, ...key }: ReportCount, totals: Totals): void {
  const { kind, day, domain } = key;
  const report = reportOf(db, key);
  if (report === undefined && totals.reports >= STORE_LIMITS.reportsPerDay) return;
  if (report?.settled_ms != null) return;
  if (report === undefined) {
    db.run("INSERT INTO report (kind, day, domain) VALUES (?, ?, ?)", kind, day, domain);
    totals.reports++;
  }
  const added = db.run(
    "UPDATE report_row SET count = count + ? WHERE kind = ? AND day = ? AND domain = ? AND facts = ?",
    count,
    kind,
    day,
    domain,
    facts,
  );
  if (added > 0) return;
  const room =
    facts.length <= STORE_LIMITS.reportFacts &&
    (report?.row_count ?? 0) < STORE_LIMITS.rowsPerReport &&
    totals.rows < STORE_LIMITS.reportRowsPerDay;
  if (room) {
    db.run("INSERT INTO report_row VALUES (?, ?, ?, ?, ?)", kind, day, domain, facts, count);
    totals.rows++;
  }
  db.run(
    `UPDATE report SET row_count = row_count + ?, dropped = dropped + ?
     WHERE kind = ? AND day = ? AND domain = ?`,
    room ? 1 : 0,
    room ? 0 : count,
    kind,
    day,
    domain,
  );
}

type Known = { readonly row_count: number; readonly settled_ms: number | null };

const reportOf = (db: Transaction["db"], { kind, day, domain }: ReportKey): Known | undefined =>
  db.one<Known>(
    "SELECT row_count, settled_ms FROM report WHERE kind = ? AND day = ? AND domain = ?",
    kind,
    day,
    domain,
  );

export function settleReport(tx: Transaction, { settled, mails }: Input<"settleReport">): boolean {
  const { kind, day, domain } = settled;
  const changed = tx.db.run(
    `UPDATE report SET settled_ms = ?, report_id = ?, outcome = ?, told = ?, sent_to = ?
     WHERE kind = ? AND day = ? AND domain = ? AND settled_ms IS NULL`,
    settled.settled_ms,
    settled.reportId,
    settled.outcome,
    settled.told,
    JSON.stringify(settled.sentTo),
    kind,
    day,
    domain,
  );
  if (changed === 0) return false;
  for (const mail of mails) deliver(tx, mail);
  removeRows(tx.db, settled);
  return true;
}

const removeRows = (db: Transaction["db"], { kind, day, domain }: ReportKey): number =>
  db.run("DELETE FROM report_row WHERE kind = ? AND day = ? AND domain = ?", kind, day, domain);

export function pruneReports(
  { db }: Transaction,
  { settled_before_day, due_before_day }: Input<"pruneReports">,
): PruneStep {
  const old = db.all<ReportKey>(
    `SELECT kind, day, domain FROM report
     WHERE day < CASE WHEN settled_ms IS NULL THEN ?1 ELSE ?2 END LIMIT ${PRUNE_STEP}`,
    due_before_day,
    settled_before_day,
  );
  for (const key of old) {
    removeRows(db, key);
    db.run("DELETE FROM report WHERE kind = ? AND day = ? AND domain = ?", key.kind, key.day, key.domain);
  }
  return { removed: old.length, more: old.length === PRUNE_STEP };
}
