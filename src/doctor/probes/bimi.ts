import { fine, unknown, warning } from "../finding.ts";
import type { DomainTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { seen } from "../words/seen.ts";

/** A logo beside the mail: nobody needs one, but a record nobody can use is a mistake. draft-brand-indicators-for-message-identification */
export const bimi: Probe<DomainTarget> = {
  id: "bimi",
  title: phrase("BIMI", "BIMI"),
  source: "draft-brand-indicators-for-message-identification §4.2",
  checks: ["bimi"],
  async run({ domain }, net) {
    const name = below("default._bimi", domain);
    if (name === undefined) return [];
    const answer = await net.dns.query(name, "TXT");
    const texts = recordsOf(answer)?.filter((text) => /^v=BIMI1/i.test(text));
    if (texts === undefined)
      return [unknown("bimi", domain, "", "dns-failed", { name, reason: reasonOf(answer) })];
    const [text] = texts;
    if (text === undefined) return [fine("bimi", domain, seen("unneeded"))];
    const isUsable = texts.length === 1 && isBimiRecord(text);
    return [
      isUsable
        ? fine("bimi", domain, text)
        : warning("bimi", domain, texts.join(" | "), "bimi-bad", { name }),
    ];
  },
};

/** `l=` is empty (declined) or an https address of an SVG; `a=` likewise of a certificate. */
export const isBimiRecord = (text: string): boolean =>
  /^v=BIMI1[ \t]*;/i.test(text) &&
  text
    .split(";")
    .slice(1)
    .map((field) => field.trim())
    .every((field) => field === "" || /^(?:l|a|avp)=(?:https:\/\/[^\s,;]+|brand|personal)?$/i.test(field)) &&
  /;[ \t]*l=/i.test(text);
