import type { Domain } from "../../base/domain-name.ts";
import { parseDomain } from "../../base/domain-name.ts";
import { parseKeyedSignature } from "../dkim/signature.ts";
import { splitMessage } from "../dkim/signed-data.ts";
import { collectChain, type ArcSet } from "./chain.ts";

/**
 * What DMARC came to for mail of `author` where trusted hands first took the message, by the results they sealed. Read
 * from the newest seal down to the last of a trusted domain without a gap: what an unknown sealer below wrote is the word
 * of whoever sent the message. Only for a chain that verifies. RFC 8617 §7.2; C-25
 */
export function arrivedWith(octets: Buffer, author: string, trusted: readonly Domain[]): string | undefined {
  const sets = collectChain(splitMessage(octets)).sets ?? [];
  const untrusted = sets.findLastIndex((set) => !trusted.some((domain) => domain === sealerOf(set)));
  const first = sets[untrusted + 1];
  const found = first?.results.reported.results.filter(({ method }) => method === "dmarc") ?? [];
  const [dmarc, more] = found;
  if (dmarc === undefined || more !== undefined) return undefined;
  const about = dmarc.properties.find(({ type, name }) => type === "header" && name === "from");
  // An address where others write the domain.
  const domain = about?.value.slice(about.value.lastIndexOf("@") + 1);
  return domain === undefined || parseDomain(domain) === author ? dmarc.result : undefined;
}

function sealerOf({ seal }: ArcSet): string | undefined {
  const parsed = parseKeyedSignature(seal.tags);
  return parsed.ok ? parsed.value.domain : undefined;
}
