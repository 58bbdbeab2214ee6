/** Who reports, and the names of what he sends. */
import { createHash } from "node:crypto";
import type { Config } from "../../config/schema.ts";
import type { ReportKey } from "../../store/report-counts.ts";
import type { DirectoryReads } from "../../store/store.ts";

export type Reporter = {
  readonly organization: string;
  /** The address reports come from; its domain signs them and names the sender. */
  readonly from: string;
  /** Further ways to reach us, for people. */
  readonly contact?: string;
};

export type ReporterSettings = {
  readonly hostName: string;
  readonly from?: string;
  readonly organization?: string;
  readonly contact?: string;
};

export const reporterSettings = ({
  hostname: hostName,
  reports: { from, organization, contact },
}: Pick<Config, "hostname" | "reports">): ReporterSettings => ({
  hostName,
  ...(from === undefined ? {} : { from }),
  ...(organization === undefined ? {} : { organization }),
  ...(contact === undefined ? {} : { contact }),
});

/**
 * As configured; else the postmaster of the domain this server's name is in, or of its first domain that can sign.
 * Undefined: no domain here can. RFC 9990 §3.5.2: the mail must pass DMARC itself.
 */
export async function findReporter(
  settings: ReporterSettings,
  directory: DirectoryReads,
): Promise<Reporter | undefined> {
  const { hostName, from, organization, contact } = settings;
  const more = contact === undefined ? {} : { contact };
  const by = (address: string): Reporter => ({
    organization: organization ?? hostName,
    from: address,
    ...more,
  });
  if (from !== undefined) return by(from);
  const domains = new Set((await directory.signingKeys()).map(({ domain }) => domain));
  const own = [...domains].find((domain) => `.${hostName}`.endsWith(`.${domain}`)) ?? [...domains][0];
  return own === undefined ? undefined : by(`postmaster@${own}`);
}

export const domainOfReporter = ({ from }: Reporter): string => from.slice(from.lastIndexOf("@") + 1);

/** The whole day, its last second included. RFC 9990 §3.1.1.3, RFC 8460 §4.1 */
export function periodOf(day: string): { readonly begin_s: number; readonly end_s: number } {
  const begin_s = Date.parse(`${day}T00:00:00Z`) / 1000;
  return { begin_s, end_s: begin_s + 86_399 };
}

/** The same however often it is asked: a report that should come twice is known for what it is. */
export function reportIdOf({ kind, day, domain }: ReportKey, reporter: Reporter): string {
  const hash = createHash("sha256").update(`${kind} ${day} ${domain} ${reporter.from}`).digest("hex");
  return `${kind}.${day.replaceAll("-", "")}.${hash.slice(0, 16)}@${domainOfReporter(reporter)}`;
}
