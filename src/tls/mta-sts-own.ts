import { createHash } from "node:crypto";
import { policyLines, type MtaStsPolicy } from "./mta-sts-policy.ts";

/** What we demand of those who send to us, and the id by which they notice a change. */
export type OwnPolicy = { readonly text: string; readonly id: string };

const ID_CHARS = 20;

/** The file at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`; its id follows from its content. RFC 8461 §3.1, §3.2 */
export function ownPolicy(policy: MtaStsPolicy): OwnPolicy {
  const text = policyLines(policy)
    .map((line) => `${line}\r\n`)
    .join("");
  return { text, id: createHash("sha256").update(text).digest("hex").slice(0, ID_CHARS) };
}
