import { printable } from "../base/ascii.ts";
import type { Mailbox } from "../message/address.ts";
import { buildMessage } from "../message/builder.ts";
import type { Language } from "../journal/words/language.ts";
import type { AlertChange } from "./book.ts";
import { ALERT_LIMITS } from "./limits.ts";
import { ALERTS, STATES } from "./words.ts";

/** The sentence with its values. */
const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    printable(values[name] ?? whole, ALERT_LIMITS.valueChars),
  );

/** `Alert: Only 3 % of the disk is free.` */
export const headline = ({ state, alert }: AlertChange, language: Language): string =>
  `${STATES[state][language]}: ${filled(ALERTS[alert.kind].what[language], alert.values)}`;

/** Headline, and for what has begun what to do. */
export function paragraph(change: AlertChange, language: Language): string {
  const line = headline(change, language);
  const { kind, values } = change.alert;
  return change.state === "cleared" ? line : `${line}\n${filled(ALERTS[kind].remedy[language], values)}`;
}

export type Envelope = {
  readonly hostName: string;
  readonly from: string;
  readonly to: string;
  readonly now_ms: number;
  readonly id: string;
};

/** One mail for everything one look has found. RFC 3834 §5: robots do not answer it. */
export function letter(
  changes: readonly AlertChange[],
  { hostName, from, to, now_ms, id }: Envelope,
  language: Language,
): Buffer {
  const [first] = changes;
  const about = first === undefined ? "" : printable(headline(first, language), ALERT_LIMITS.subjectChars);
  const more = changes.length > 1 ? ` (+${changes.length - 1})` : "";
  return buildMessage(
    {
      from: [{ ...mailbox(from), name: "Wachpost" }],
      to: [mailbox(to)],
      subject: `[${hostName}] ${about}${more}`,
      date: { epoch_ms: now_ms, zone_minutes: 0 },
      messageId: `<alert.${id}@${hostName}>`,
      fields: [["Auto-Submitted", "auto-generated"]],
    },
    {
      kind: "text",
      subtype: "plain",
      text: `${changes.map((change) => paragraph(change, language)).join("\n\n")}\n`,
    },
  );
}

function mailbox(address: string): Mailbox {
  const at = address.lastIndexOf("@");
  return { kind: "mailbox", localPart: address.slice(0, at), domain: address.slice(at + 1) };
}
