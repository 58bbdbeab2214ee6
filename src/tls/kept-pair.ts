import type { AcmeFiles } from "./acme-files.ts";
import { checkPair, type CertificateFacts } from "./certificate-check.ts";
import type { KeyAndCertificate } from "./certificate.ts";

const CERTIFICATE_BEGINS = "-----BEGIN CERTIFICATE-----";

/** A pair that may be served, with what its certificate says. */
export type Served = { readonly pair: KeyAndCertificate; readonly facts: CertificateFacts };

/**
 * What was served last. Also when its time is over: senders that use DANE look at the key alone (RFC 7672 §3.1.1), and to
 * all others our own authority's certificate would be no better.
 */
export async function readKept(files: AcmeFiles): Promise<Served | undefined> {
  const text = await files.read("served.pem");
  const split = text?.indexOf(CERTIFICATE_BEGINS) ?? -1;
  if (text === undefined || split < 0) return undefined;
  const pair = { key: text.slice(0, split), certificate: text.slice(split) };
  const facts = checkPair(pair);
  return facts.ok ? { pair, facts: facts.value } : undefined;
}

const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Only the key and the certificates of two texts, which may well be the same one, or hold remarks and parameters. */
export function pairIn(key: string, certificate: string): KeyAndCertificate {
  const blocks = certificate.match(CERTIFICATE);
  return {
    key: `${PRIVATE_KEY.exec(key)?.[0] ?? key.trimEnd()}\n`,
    certificate: blocks === null ? certificate : `${blocks.join("\n")}\n`,
  };
}

export const writeKept = (files: AcmeFiles, { key, certificate }: KeyAndCertificate): Promise<void> =>
  files.write("served.pem", `${key.trimEnd()}\n${certificate}`);
