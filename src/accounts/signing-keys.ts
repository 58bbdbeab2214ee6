import {
  characterStrings,
  generatePrivateKey,
  keyRecord,
  readSigningKey,
} from "../authentication/dkim/key-pair.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { SigningKeyRow } from "../store/store.ts";
import type { Managing } from "./manage.ts";

/** A DNS record an operator has to publish. */
export type RecordToPublish = { readonly name: string; readonly type: "TXT"; readonly text: string };

export const SIGNING_ALGORITHMS = ["rsa-sha256", "ed25519-sha256"] as const;

/**
 * The keys a domain signs with: RSA for everybody, Ed25519 for those who know it (RFC 8463 §3). Made once, never shared
 * with another domain or server; a domain that has keys keeps them.
 */
export async function ensureSigningKeys({ store, clock }: Managing, domain: string): Promise<void> {
  const known = await store.directory.signingKeys(domain);
  const now_ms = clock.now();
  for (const algorithm of SIGNING_ALGORITHMS) {
    if (known.some((key) => key.algorithm === algorithm && key.retired_ms === undefined)) continue;
    await store.directory.putSigningKey({
      domain,
      selector: selectorFor(algorithm, now_ms),
      algorithm,
      privateKey: await generatePrivateKey(algorithm),
      created_ms: now_ms,
      active_ms: now_ms,
    });
  }
}

/** The day a key was made and its kind: what a person sees in the DNS a year later. */
export const selectorFor = (algorithm: SigningKeyRow["algorithm"], now_ms: number): string =>
  `${algorithm === "rsa-sha256" ? "r" : "e"}${new Date(now_ms).toISOString().slice(0, 10).replaceAll("-", "")}`;

/** The DKIM records of a domain of ours. */
export async function signingRecords(
  managing: Managing,
  domain: string,
): Promise<Result<readonly RecordToPublish[], OperatorError>> {
  if (!(await managing.store.directory.hasDomain(domain)))
    return err(
      new OperatorError(
        "no-domain",
        `${domain} is no domain of this server.`,
        "`wachpost domain list` shows which are.",
      ),
    );
  await ensureSigningKeys(managing, domain);
  const rows = await managing.store.directory.signingKeys(domain);
  return ok(
    rows.flatMap((row): RecordToPublish[] => {
      const key = readSigningKey(row);
      return key === undefined ? [] : [{ ...keyRecord(key), type: "TXT" }];
    }),
  );
}

/** As a line of a zone file; long texts in strings of 255 octets. RFC 1035 §5.1 */
export const zoneLine = ({ name, type, text }: RecordToPublish): string =>
  `${name}. ${type} ${characterStrings(text)
    .map((piece) => `"${piece}"`)
    .join(" ")}`;
