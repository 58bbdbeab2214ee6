/** Who vouches for what was counted, and what nobody vouches for. */
import { printable } from "../base/ascii.ts";
import { table } from "./output.ts";
import type { LeftOut, Received, Unproven } from "../mta/reports/found.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { REPORTS_WORDS, UNPROVEN_WORDS } from "./reports-words.ts";

/** Who reported, and how often. */
export const reportersOf = (received: readonly Received<unknown>[], language: Language): readonly string[] =>
  [...Map.groupBy(received, (one) => calledIn(one, language))]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reporter, { length }]) => `${reporter} (${length})`);

/** Of a file nothing proves who made it. */
const calledIn = ({ reporter, byHand }: Received<unknown>, language: Language): string =>
  byHand === true ? say(REPORTS_WORDS.byhand, language, { reporter: named(reporter) }) : named(reporter);

/** Characters of a name that strangers chose. */
const NAME_MAX = 80;
export const named = (name: string): string => printable(name, NAME_MAX);

/** Anybody can write to a report address; what nobody vouches for, and what exceeds all measure, is named and not read. */
export function apartText(
  unproven: readonly Unproven[],
  leftOut: readonly LeftOut[],
  language: Language,
): string[] {
  const total = (some: readonly { readonly mails: number }[]): string =>
    String(some.reduce((sum, { mails }) => sum + mails, 0));
  const doubted = unproven.map(({ claimed, why, mails }) => [
    named(claimed),
    String(mails),
    UNPROVEN_WORDS[why][language],
  ]);
  const skipped = leftOut.map(({ reporter, mails }) => [named(reporter), String(mails)]);
  return [
    ...(unproven.length === 0
      ? []
      : [
          `\n${say(REPORTS_WORDS.unproven, language, { count: total(unproven) })}`,
          table([headOf("unprovenhead", language), ...doubted]),
        ]),
    ...(leftOut.length === 0
      ? []
      : [
          `\n${say(REPORTS_WORDS.leftout, language, { count: total(leftOut) })}`,
          table([headOf("leftouthead", language), ...skipped]),
        ]),
  ];
}

/** The head of a table. */
export const headOf = (name: keyof typeof REPORTS_WORDS, language: Language): readonly string[] =>
  REPORTS_WORDS[name][language].split(";");
