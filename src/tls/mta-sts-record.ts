const RECORDS_VERSION = "v=STSv1";
const ID = /^[A-Za-z0-9]{1,32}$/;
/** Longer texts are no such record. */
const RECORD_CHARS_MAX = 2048;

/**
 * The id of a domain's MTA-STS policy, from the TXT records at `_mta-sts`; undefined where there is not exactly one record.
 *
 *     sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
 *     sts-version     = %s"v=STSv1"
 *     sts-id          = %s"id" *WSP "=" *WSP 1*32(ALPHA / DIGIT)
 *     sts-field-delim = *WSP ";" *WSP
 *
 * RFC 8461 §3.1
 */
export function mtaStsId(texts: readonly string[]): string | undefined {
  const [text, ...others] = texts.filter(isStsRecord);
  if (text === undefined || others.length > 0 || text.length > RECORD_CHARS_MAX) return undefined;
  for (const field of text.split(";").slice(1)) {
    const [name = "", ...value] = field.split("=");
    if (name.trim() === "id") return validId(value.join("=").trim());
  }
  return undefined;
}

const isStsRecord = (text: string): boolean =>
  text.startsWith(RECORDS_VERSION) &&
  /^[ \t]*(;|$)/.test(text.slice(RECORDS_VERSION.length, RECORD_CHARS_MAX));

const validId = (text: string): string | undefined => (ID.test(text) ? text : undefined);
