/** Did others fail to reach us over TLS? What their reports of the last days say, looked for now and again. RFC 8460; T-52 */
import { REPORT_LIMITS } from "../../authentication/reports/limits.ts";
import type { Clock } from "../../base/clock.ts";
import { parseDomain } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import type { Store } from "../../store/store.ts";
import { readMailboxes, sameOrganization } from "./read-mailboxes.ts";

/** Of one domain of ours: what its reporters counted together. */
export type TlsFailures = {
  readonly domain: string;
  readonly sessions: number;
  /** The kind most sessions failed with, in the words of RFC 8460 §4.3; empty where none was told. */
  readonly kind: string;
  readonly reporters: readonly string[];
};

type Tools = { readonly store: Store; readonly dns: Dns; readonly clock: Clock; readonly hostName: string };

/** A report of yesterday comes today; one look later it is old. */
const SPAN_MS = 2 * 86_400_000;
/** More mail in two days is none of a person; looked at while the server works. */
const NEWEST_MAILS = 2_000;
const BOUNDS = { ...REPORT_LIMITS, runOctetsMax: 16 * 1024 * 1024, reporterOctetsMax: 4 * 1024 * 1024 };

/** Reads what came to the administrators; only proven reports about domains of ours count. */
export async function reportedTlsFailures(tools: Tools): Promise<readonly TlsFailures[]> {
  const { store, dns, clock, hostName: authServId } = tools;
  const accounts = (await store.directory.accounts()).filter(({ administrator }) => administrator);
  const boxes = await Promise.all(accounts.map(({ id }) => store.mail.mailboxByName(id, "INBOX")));
  const found = await readMailboxes(
    store,
    boxes.filter((box) => box !== undefined),
    {
      authServId,
      since_ms: clock.now() - SPAN_MS,
      isSame: sameOrganization(dns),
      bounds: BOUNDS,
      newestMails: NEWEST_MAILS,
    },
  );
  const ours = new Set(await store.directory.domains());
  const failures = new Map<string, Counted>();
  for (const { reporter, report } of found.tls)
    for (const policy of report.policies) {
      const domain = parseDomain(policy.domain);
      if (domain === undefined || !ours.has(domain) || policy.failures === 0) continue;
      const counted = failures.get(domain) ?? newCount();
      failures.set(domain, counted);
      counted.sessions += policy.failures;
      counted.reporters.add(reporter);
      for (const { type, sessions } of policy.details)
        counted.kinds.set(type, (counted.kinds.get(type) ?? 0) + sessions);
    }
  return [...failures].map(([domain, { sessions, kinds, reporters }]) => ({
    domain,
    sessions,
    kind: [...kinds].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? "",
    reporters: [...reporters],
  }));
}

type Counted = { sessions: number; readonly kinds: Map<string, number>; readonly reporters: Set<string> };

const newCount = (): Counted => ({ sessions: 0, kinds: new Map(), reporters: new Set() });
