import type { Requested } from "../dmarc/record.ts";
import type { DkimResult, OverrideType, SpfResult } from "../results.ts";

/** An aggregate report as both directions know it. RFC 9990 §3.1; RFC 7489 Appendix C for what old ones add */
export type AggregateReport = {
  readonly metadata: {
    readonly organization: string;
    readonly email: string;
    readonly contact?: string;
    readonly reportId: string;
    readonly begin_s: number;
    readonly end_s: number;
    readonly errors: readonly string[];
    readonly generator?: string;
  };
  readonly policy: {
    readonly domain: string;
    readonly p?: Requested;
    readonly sp?: Requested;
    readonly np?: Requested;
    readonly adkim?: "r" | "s";
    readonly aspf?: "r" | "s";
    readonly fo?: string;
    readonly testing?: boolean;
    readonly discovery?: "psl" | "treewalk";
  };
  readonly records: readonly AggregateRecord[];
};

/** Messages that are alike. */
export type AggregateRecord = {
  /** An IP address in canonical form. */
  readonly source: string;
  readonly count: number;
  readonly disposition: Requested | "pass";
  /** Aligned results. */
  readonly dkim: "pass" | "fail";
  readonly spf: "pass" | "fail";
  readonly reasons: readonly { readonly type: OverrideType | OldOverrideType; readonly comment?: string }[];
  readonly headerFrom: string;
  readonly envelopeFrom?: string;
  readonly envelopeTo?: string;
  /** Raw results, unaligned. */
  readonly signatures: readonly {
    readonly domain: string;
    readonly selector?: string;
    readonly result: DkimResult["result"];
    readonly explanation?: string;
  }[];
  readonly senders: readonly {
    readonly domain: string;
    readonly scope?: "helo" | "mfrom";
    readonly result: SpfResult["result"];
    readonly explanation?: string;
  }[];
};

/** Gone with RFC 7489. */
export type OldOverrideType = "forwarded" | "sampled_out";

/** Old reports have no namespace or one of their own. */
export const AGGREGATE_NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0";
