/** Who vouches for what was counted, and what nobody vouches for. */
import type { UnprovenReason } from "../authentication/reports/origin.ts";
import { printable } from "../base/ascii.ts";
import { table } from "./output.ts";
import type { LeftOut, Received, Unproven } from "./reports-found.ts";

/** Who reported, and how often. */
export const reportersOf = (received: readonly Received<unknown>[]): readonly string[] =>
  [...Map.groupBy(received, ({ reporter }) => reporter)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reporter, { length }]) => `${named(reporter)} (${length})`);

/** Characters of a name that strangers chose. */
const NAME_MAX = 80;
export const named = (name: string): string => printable(name, NAME_MAX);

/** Anybody can write to a report address; what nobody vouches for, and what exceeds all measure, is named and not read. */
export function apartText(unproven: readonly Unproven[], leftOut: readonly LeftOut[]): string[] {
  const total = (some: readonly { readonly mails: number }[]): number =>
    some.reduce((sum, { mails }) => sum + mails, 0);
  const doubted = unproven.map(({ claimed, why, mails }) => [named(claimed), String(mails), WHY[why]]);
  const skipped = leftOut.map(({ reporter, mails }) => [named(reporter), String(mails)]);
  return [
    ...(unproven.length === 0
      ? []
      : [
          `\nNot proven and not counted: ${total(unproven)} mails.`,
          table([["CLAIMED", "MAILS", "WHY"], ...doubted]),
        ]),
    ...(leftOut.length === 0
      ? []
      : [
          `\nLeft out, for they are more than one reporter may have: ${total(leftOut)} mails.`,
          table([["REPORTER", "MAILS"], ...skipped]),
        ]),
  ];
}

const WHY: Readonly<Record<UnprovenReason, string>> = {
  "no-results": "this server did not judge it: it came from a trusted network, by import or from a client",
  dmarc: "it did not pass DMARC, and no SPF or DKIM proves the domain in From",
  "other-name": "the report names another reporter than the domain that sent it",
};
