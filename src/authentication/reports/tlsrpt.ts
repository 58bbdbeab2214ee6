/** A TLS report as both directions know it. RFC 8460 §4 */
export type TlsReport = {
  readonly organization: string;
  readonly contact?: string;
  readonly reportId: string;
  readonly begin_s: number;
  readonly end_s: number;
  readonly policies: readonly TlsReportPolicy[];
};

export type TlsReportPolicy = {
  readonly type: "tlsa" | "sts" | "no-policy-found";
  /** Lines of the policy, or TLSA records. */
  readonly strings: readonly string[];
  readonly domain: string;
  readonly mxHosts: readonly string[];
  readonly successes: number;
  readonly failures: number;
  readonly details: readonly TlsFailure[];
};

export type TlsFailure = {
  /** Of the registry in RFC 8460 §4.3, or a newer word. */
  readonly type: string;
  readonly sendingAddress?: string;
  readonly receivingHost?: string;
  readonly receivingHelo?: string;
  readonly receivingAddress?: string;
  readonly sessions: number;
  readonly information?: string;
  readonly reason?: string;
};
