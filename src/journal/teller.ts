import type { Ours, Values } from "./words/fill.ts";
import { shown } from "./words/fill.ts";
import type { Language } from "./words/language.ts";
import { say, type SentenceKey } from "./words/sentences.ts";

/** How one explanation speaks: language and time of day. */
export type Teller = {
  readonly language: Language;
  say(key: SentenceKey, values?: Values): string;
  time(at_ms: number): Ours;
  /** Several values from outside as one list. */
  list(items: readonly string[]): Ours;
};

/** Names shown of a list, the rest is a number. */
const LISTED_MAX = 5;

/** `zone`: an IANA name like `Europe/Berlin`; times are told in UTC and there. An unknown one is left out. */
export function teller(language: Language, zone: string | undefined): Teller {
  const local = zone === undefined || zone === "UTC" ? undefined : localTime(zone);
  return {
    language,
    say: (key, values) => say(key, language, values),
    time(at_ms) {
      const utc = `${new Date(at_ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
      if (local === undefined) return { ours: utc };
      const [day = "", hour = ""] = local(at_ms).split(" ");
      return { ours: `${utc} (${utc.startsWith(day) ? "" : `${day} `}${hour} ${zone})` };
    },
    list(items) {
      const named = items.slice(0, LISTED_MAX).map((item) => shown(item, language));
      const rest = items.length - named.length;
      return { ours: [...named, ...(rest > 0 ? [`+${rest}`] : [])].join(", ") };
    },
  };
}

function localTime(timeZone: string): ((at_ms: number) => string) | undefined {
  try {
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
    return (at_ms) => format.format(at_ms);
  } catch {
    return undefined;
  }
}
