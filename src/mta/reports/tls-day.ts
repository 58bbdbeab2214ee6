/** A domain's day in one TLS report. RFC 8460 §4 */
import type { TlsFailure, TlsReport, TlsReportPolicy } from "../../authentication/reports/tlsrpt.ts";
import { parseIp } from "../../base/ip.ts";
import type { ReportDue, ReportRow } from "../../store/report-counts.ts";
import { isPublicAddress } from "../../tls/public-address.ts";
import { periodOf, reportIdOf, type Reporter } from "./reporter.ts";
import { decodeTlsFacts, type TlsFacts } from "./tls-facts.ts";

type Told = TlsFacts & { readonly count: number };

/** Undefined where no row can be read. */
export function tlsReportOfDay(
  due: ReportDue,
  rows: readonly ReportRow[],
  reporter: Reporter,
): TlsReport | undefined {
  const told = rows.flatMap(({ facts, count }): Told[] => {
    const read = decodeTlsFacts(facts);
    return read === undefined ? [] : [{ ...read, count }];
  });
  if (told.length === 0) return undefined;
  const policies = Map.groupBy(told, ({ policy }) => JSON.stringify(policy));
  return {
    organization: reporter.organization,
    contact: reporter.from,
    reportId: reportIdOf(due, reporter),
    ...periodOf(due.day),
    policies: [...policies.values()].flatMap((alike) => policyOf(alike) ?? []),
  };
}

function policyOf(told: readonly Told[]): TlsReportPolicy | undefined {
  const policy = told[0]?.policy;
  if (policy === undefined) return undefined;
  const sum = (some: readonly Told[]): number => some.reduce((all, { count }) => all + count, 0);
  const failed = told.filter(({ failure }) => failure !== undefined);
  return {
    type: policy.type,
    strings: policy.lines,
    domain: policy.domain,
    mxHosts: policy.mxPatterns,
    successes: sum(told) - sum(failed),
    failures: sum(failed),
    details: failed.flatMap(detailOf),
  };
}

function detailOf({ failure, count }: Told): readonly TlsFailure[] {
  if (failure === undefined || failure === "other") return [];
  const { result, mx, ip, from, detail } = failure;
  const about = { type: result, receivingHost: mx, receivingAddress: ip, sessions: count, reason: detail };
  return [isPublic(from) ? { ...about, sendingAddress: from } : about];
}

/** Behind an address translator we know only the inner address, which tells the receiver nothing and is nobody's business. */
function isPublic(address: string | undefined): address is string {
  const ip = parseIp(address ?? "");
  return ip !== undefined && isPublicAddress(ip);
}
