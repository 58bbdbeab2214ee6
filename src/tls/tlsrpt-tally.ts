/** Counts, per day and policy, how connections to other servers were protected: the raw material of a TLS report. RFC 8460 §4 */

/** RFC 8460 §4.3 */
export type TlsrptResult =
  | "starttls-not-supported"
  | "certificate-host-mismatch"
  | "certificate-expired"
  | "certificate-not-trusted"
  | "validation-failure"
  | "tlsa-invalid"
  | "dnssec-invalid"
  | "dane-required"
  | "sts-policy-fetch-error"
  | "sts-policy-invalid"
  | "sts-webpki-invalid";

/** The policy a connection was made under. RFC 8460 §4.4 */
export type TlsrptPolicy = {
  readonly type: "tlsa" | "sts" | "no-policy-found";
  /** The domain mail was for; with `tlsa` the name the records stand at. */
  readonly domain: string;
  /** TLSA records, or the lines of the policy file. */
  readonly lines: readonly string[];
  /** `mx` patterns of an MTA-STS policy. */
  readonly mxPatterns: readonly string[];
};

export type TlsrptFailure = {
  readonly result: TlsrptResult;
  readonly mx: string;
  readonly ip: string;
  /** Where the connection came from; absent where there was none. */
  readonly from?: string;
  /** Our own words; nothing of the message. */
  readonly detail: string;
};

export type TlsrptPolicyCount = {
  readonly policy: TlsrptPolicy;
  readonly successes: number;
  readonly failures: number;
  readonly details: readonly (TlsrptFailure & { readonly count: number })[];
};

/** What a domain's report for a day is built from, or a part of it. */
export type TlsrptDay = {
  /** UTC, `2026-11-24`. */
  readonly day: string;
  /** The domain the mail was for: the one that asks for reports. */
  readonly domain: string;
  readonly policies: readonly TlsrptPolicyCount[];
};

export const TLSRPT_LIMITS = {
  /** Days times domains; what comes after is not counted. A report is a courtesy, memory is not. */
  reportsMax: 20_000,
  /** A domain whose policy changes more often than this a day tests us. */
  policiesMax: 20,
  /** Kinds of failure told apart per policy; the rest is only summed. */
  detailsMax: 100,
  /** Characters of a detail. */
  detail_chars: 200,
} as const;

type PolicyCount = {
  readonly policy: TlsrptPolicy;
  successes: number;
  failures: number;
  readonly details: Map<string, TlsrptFailure & { count: number }>;
};
type Report = {
  readonly day: string;
  readonly domain: string;
  readonly policies: Map<string, PolicyCount>;
};

/** One count for the whole server; bounded, without clock or disk. */
export class TlsrptTally {
  readonly #reports = new Map<string, Report>();

  /** One connection for mail to `domain`: a success, or a failure that was or would have been its end. */
  record(at_ms: number, domain: string, policy: TlsrptPolicy, failure?: TlsrptFailure): void {
    const count = this.#count(dayOf(at_ms), domain, policy);
    if (count === undefined) return;
    if (failure === undefined) {
      count.successes++;
      return;
    }
    count.failures++;
    const detail = failure.detail.slice(0, TLSRPT_LIMITS.detail_chars);
    const key = JSON.stringify([failure.result, failure.mx, failure.ip, failure.from, detail]);
    const known = count.details.get(key);
    if (known !== undefined) known.count++;
    else if (count.details.size < TLSRPT_LIMITS.detailsMax)
      count.details.set(key, { ...failure, detail, count: 1 });
  }

  /** Hands out what was counted since the last time and forgets it; the store adds it up. */
  take(): readonly TlsrptDay[] {
    const taken = [...this.#reports.values()];
    this.#reports.clear();
    return taken.map(({ day, domain, policies }) => ({
      day,
      domain,
      policies: [...policies.values()].map((count) => ({ ...count, details: [...count.details.values()] })),
    }));
  }

  #count(day: string, domain: string, policy: TlsrptPolicy): PolicyCount | undefined {
    const key = `${day} ${domain}`;
    const report = this.#reports.get(key) ?? { day, domain, policies: new Map<string, PolicyCount>() };
    const policyKey = JSON.stringify([policy.type, policy.domain, ...policy.lines]);
    const known = report.policies.get(policyKey);
    if (known !== undefined) return known;
    if (report.policies.size >= TLSRPT_LIMITS.policiesMax) return undefined;
    if (!this.#reports.has(key)) {
      if (this.#reports.size >= TLSRPT_LIMITS.reportsMax) return undefined;
      this.#reports.set(key, report);
    }
    const count = { policy, successes: 0, failures: 0, details: new Map() };
    report.policies.set(policyKey, count);
    return count;
  }
}

const dayOf = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);
