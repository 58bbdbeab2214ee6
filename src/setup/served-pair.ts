import { join } from "node:path";
import { checkPair } from "../tls/certificate-check.ts";
import type { KeyAndCertificate } from "../tls/certificate.ts";
import type { Job } from "./job.ts";
import { readText } from "./machine-files.ts";
import { asUser } from "./machine-users.ts";

/** Where the server keeps what it has from an authority. */
export const acmeDirectory = (data: string): string => join(data, "tls/acme");

const CERTIFICATE_BEGINS = "-----BEGIN CERTIFICATE-----";

/** The authority's certificate with its key, if it is good for our name now. */
export async function servedPair(
  job: Job,
): Promise<(KeyAndCertificate & { readonly notAfter_ms: number }) | undefined> {
  const { data, hostName } = job.answers;
  const text = await asUser(await job.owner(), () => readText(join(acmeDirectory(data), "served.pem")));
  const split = text?.indexOf(CERTIFICATE_BEGINS) ?? -1;
  if (text === undefined || split < 0) return undefined;
  const pair = { key: text.slice(0, split), certificate: text.slice(split) };
  const facts = checkPair(pair);
  if (!facts.ok || !facts.value.covers(hostName)) return undefined;
  const { notAfter_ms } = facts.value;
  return notAfter_ms > job.clock.now() ? { ...pair, notAfter_ms } : undefined;
}
