/** What is said of several places at once: of ports of a host, of addresses of a name. */
import { parseIp } from "../base/ip.ts";
import type { Values } from "./finding.ts";
import { subjectsText } from "./subjects.ts";

export type Placed = { readonly subject: string; readonly values: Values };

const isAddress = (text: string | undefined): boolean => text !== undefined && parseIp(text) !== undefined;

/** Which of the values only tell the place: a name of the subject's own, or one address of several. */
const placesIn = ({ subject, values }: Placed): readonly string[] =>
  Object.keys(values).filter((key) =>
    values[key] === subject
      ? key === "host" || isAddress(subject)
      : key === "address" && isAddress(values[key]),
  );

/** Findings that are equal with these say the same of different places. */
export const placeless = (one: Placed): Values => ({
  ...one.values,
  ...Object.fromEntries(placesIn(one).map((key) => [key, ""])),
});

/** The values of one that speaks for all that are alike. */
export function together(alike: readonly [Placed, ...Placed[]]): Values {
  const [first] = alike;
  return {
    ...first.values,
    ...Object.fromEntries(
      placesIn(first).map((key) => [key, subjectsText(alike.flatMap(({ values }) => values[key] ?? []))]),
    ),
  };
}
