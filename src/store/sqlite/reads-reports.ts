import type { ReportDue, ReportKey, ReportReads, ReportRow, ReportSettled } from "../report-counts.ts";
import type { Readers } from "./readers.ts";

export const reportReads = (readers: Readers): ReportReads => ({
  reportsDue: ({ before_day, limit }) =>
    readers.read((db) =>
      db
        .all<ReportDue>(
          `${DUE} WHERE settled_ms IS NULL AND day < ? ORDER BY day, domain, kind LIMIT ?`,
          before_day,
          limit,
        )
        .map((row) => ({ ...row })),
    ),
  reportDue: ({ kind, day, domain }) =>
    readers.read((db) => {
      const row = db.one<ReportDue>(
        `${DUE} WHERE settled_ms IS NULL AND kind = ? AND day = ? AND domain = ?`,
        kind,
        day,
        domain,
      );
      return row && { ...row };
    }),
  reportRows: ({ kind, day, domain }: ReportKey) =>
    readers.read((db) =>
      db
        .all<ReportRow>(
          "SELECT facts, count FROM report_row WHERE kind = ? AND day = ? AND domain = ? ORDER BY count DESC, facts",
          kind,
          day,
          domain,
        )
        .map((row) => ({ ...row })),
    ),
  reportsSettled: ({ since_day, limit }) =>
    readers.read((db) => db.all<RawSettled>(SETTLED, since_day, limit).map(settledRow)),
});

const DUE = "SELECT kind, day, domain, row_count AS rows, dropped FROM report";
const SETTLED = `SELECT kind, day, domain, settled_ms, report_id AS reportId, outcome, told, sent_to AS sentTo
  FROM report WHERE settled_ms IS NOT NULL AND day >= ? ORDER BY day DESC, domain, kind LIMIT ?`;

type RawSettled = Omit<ReportSettled, "sentTo"> & { readonly sentTo: string };

const settledRow = (row: RawSettled): ReportSettled => ({
  ...row,
  sentTo: JSON.parse(row.sentTo) as ReportSettled["sentTo"],
});
