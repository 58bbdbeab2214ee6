import type { Grade, Values, Worded } from "../../doctor/finding.ts";
import type { Domain } from "../../base/domain-name.ts";
import type { IpAddress } from "../../base/ip.ts";
import type { Net } from "../../doctor/probe.ts";
import type { Answers } from "../answers.ts";
import type { PreflightNote, PreflightTitle } from "../words/preflight.ts";

/** What one look at the machine or its address came to. `unknown` is never shown as `ok`. */
export type PreflightFinding = {
  readonly check: PreflightTitle;
  readonly grade: Grade;
  readonly evidence: string;
  readonly note?: PreflightNote;
  readonly values: Values;
};

/** What the checks look at. */
export type Ground = {
  readonly answers: Answers;
  readonly domain: Domain;
  readonly hostName: Domain;
  readonly addresses: readonly IpAddress[];
  readonly net: Net;
  /** Whether the reverse name of an address is ours to set, by dynamic update. */
  setsReverse(address: IpAddress): Promise<boolean>;
  /** Servers of others that take mail, to see whether port 25 is open outwards. */
  readonly outside: readonly { readonly host: string; readonly port: number }[];
};

export type PreflightCheck = (ground: Ground) => Promise<readonly PreflightFinding[]>;

/** Evidence takes names and figures; sentences belong into the catalogue, in every language. */
export const good = <const T extends string>(
  check: PreflightTitle,
  evidence: T & Worded<T>,
): PreflightFinding => ({
  check,
  grade: "ok",
  evidence,
  values: {},
});

const notGood =
  (grade: Exclude<Grade, "ok">) =>
  <const T extends string>(
    check: PreflightTitle,
    evidence: T & Worded<T>,
    note: PreflightNote,
    values: Values = {},
  ): PreflightFinding => ({
    check,
    grade,
    evidence,
    note,
    values,
  });

export const warned = notGood("warn");
export const bad = notGood("fail");
export const unsure = notGood("unknown");
