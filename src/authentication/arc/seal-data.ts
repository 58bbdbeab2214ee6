import { canonicalField } from "../dkim/canonical.ts";
import type { FieldText } from "../dkim/signed-data.ts";
import type { ArcSet } from "./chain.ts";

/**
 * What a seal signs: results, message signature and seal of every set in order, relaxed; `own` is the last set with the
 * b= of its seal emptied and no CRLF behind it. RFC 8617 §5.1.1
 */
export function sealData(
  before: readonly ArcSet[],
  own: { readonly results: FieldText; readonly messageSignature: FieldText; readonly seal: string },
): Buffer {
  const lines = before.flatMap(({ results, messageSignature, seal }) => [
    relaxed(results.text),
    relaxed(messageSignature.text),
    relaxed(seal.text),
  ]);
  lines.push(relaxed(own.results), relaxed(own.messageSignature), own.seal);
  return Buffer.from(lines.join("\r\n"), "latin1");
}

const relaxed = ({ text, nameEnd }: FieldText): string => canonicalField("relaxed", text, nameEnd);
