/** What the certificate authority we use says about itself, and what time it is there. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Config } from "../config/schema.ts";
import { acmeHttp } from "../tls/acme-http.ts";
import { ownIssuer } from "../tls/own-issuer.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import type { AuthorityFacts } from "./own-server.ts";

const directorySchema = z.object({
  meta: z.object({ caaIdentities: z.array(z.string()).optional() }).optional(),
});

/** One GET of its directory: RFC 8555 §7.1.1, RFC 9110 §6.6.1. Undefined without an authority, or without an answer. */
export async function authorityFacts(
  config: Pick<Config, "data" | "tls">,
  clock: Clock,
): Promise<AuthorityFacts | undefined> {
  const { certificate, acme } = config.tls;
  if (certificate !== undefined || !acme.enabled) return undefined;
  const ca = acme.ca_file === undefined ? undefined : await readFile(acme.ca_file, "utf8");
  const asked_ms = clock.now();
  const answer = await acmeHttp(ca)(
    { method: "GET", url: acme.directory },
    AbortSignal.timeout(DOCTOR_LIMITS.answer_ms),
  );
  if (!answer.ok || answer.value.status !== 200) return undefined;
  const there_ms = Date.parse(answer.value.headers.date ?? "");
  // Half a second on average is cut off; the answer was made somewhere between question and receipt.
  const offset_s = ((asked_ms + clock.now()) / 2 - (there_ms + 500)) / 1000;
  return {
    host: new URL(acme.directory).host,
    offset_s: Number.isNaN(offset_s) ? undefined : offset_s,
    identities: identitiesIn(answer.value.body),
    account: (await ownIssuer(config))?.account,
  };
}

/** A directory nobody can read is a finding of the certificate, not of ours. */
function identitiesIn(body: string): readonly string[] {
  try {
    return directorySchema.parse(JSON.parse(body)).meta?.caaIdentities ?? [];
  } catch {
    return [];
  }
}
