import type { Domain } from "../base/domain-name.ts";

/** Why a domain's wish was not followed, in the words of RFC 9990 §3.1.1.9 (PolicyOverrideType). */
export type OverrideType =
  | "local_policy"
  | "mailing_list"
  | "other"
  | "policy_test_mode"
  | "trusted_forwarder";

/**
 * What each way of proving origin came to: the values of RFC 8601 §2.7, each with the evidence a person needs to
 * understand it. Written once per message, then facts of the policy and the journal. Plain data, fit for JSON.
 */

export type SpfResult = {
  readonly result: "none" | "neutral" | "pass" | "fail" | "softfail" | "temperror" | "permerror";
  readonly identity: "mailfrom" | "helo";
  /** The domain whose policy was asked. */
  readonly domain: string;
  /** The term that decided, as written in the record: `ip4:192.0.2.0/24`, `-all`. */
  readonly mechanism?: string;
  /** Why there is no better answer: `lookup-limit`, `void-limit`, `syntax`, `several-records`, `timeout`. */
  readonly problem?: string;
  /** The publisher's words for a `fail` (`exp=`), printable ASCII, bounded. */
  readonly explanation?: string;
  /** Terms that asked the DNS, of at most ten. RFC 7208 §4.6.4 */
  readonly lookups: number;
};

/** One DKIM-Signature field. RFC 6376, 8301, 8463 */
export type DkimResult = {
  readonly result: "none" | "pass" | "fail" | "policy" | "neutral" | "temperror" | "permerror";
  /** d=; empty where the field could not be read. */
  readonly domain: string;
  readonly selector: string;
  /** i=, the agent or user. */
  readonly identity?: string;
  readonly algorithm?: string;
  readonly keyBits?: number;
  /** First eight characters of b=, to tell signatures apart. RFC 6008 */
  readonly signatureStart: string;
  /** Why: `body-hash`, `signature`, `no-key`, `key-revoked`, `key-too-short`, `expired`, `body-length`, `syntax`, … */
  readonly problem?: string;
  /** The key says that its owner is only testing (t=y). */
  readonly testing: boolean;
};

/** Does the name the address points to point back to it? RFC 8601 §2.7.3 */
export type IprevResult = {
  readonly result: "pass" | "fail" | "temperror" | "permerror";
  /** The name that was confirmed; otherwise absent. */
  readonly name?: Domain;
  /** The first name the address points to, confirmed or not. */
  readonly reverseName?: Domain;
};

/** RFC 9989 */
export type DmarcResult = {
  readonly result: "none" | "pass" | "fail" | "temperror" | "permerror";
  /** Domain of the From field the reader sees; empty where there is not exactly one. */
  readonly authorDomain: string;
  /** Domain of the record that applies. */
  readonly policyDomain?: string;
  readonly organizationalDomain?: string;
  /** What the domain owner asks for, after sp=, np= and t= were considered. */
  readonly requested: "none" | "quarantine" | "reject";
  /** The record's word for this message before t= lowered it. */
  readonly published?: "none" | "quarantine" | "reject";
  readonly spfAligned: boolean;
  readonly dkimAligned: boolean;
  readonly problem?: string;
  /** Why the domain's wish was not followed: a type of RFC 9990 §3.1.1.9, and whom this server believed. */
  readonly override?: { readonly type: OverrideType; readonly comment: string };
};

/** RFC 8617 */
export type ArcResult = {
  readonly result: "none" | "pass" | "fail";
  /** Instances of the chain. */
  readonly instances: number;
  /** Domain of the last seal. */
  readonly sealer?: string;
  /** Lowest instance whose message signature still verifies; 0: all of them. */
  readonly oldestPass?: number;
  /** dmarc, spf and dkim results the first trusted hop saw, as written. */
  readonly problem?: string;
};

export type Authentication = {
  readonly iprev?: IprevResult;
  readonly spf: readonly SpfResult[];
  readonly dkim: readonly DkimResult[];
  readonly arc: ArcResult;
  readonly dmarc: DmarcResult;
};
