import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { acmeFiles } from "./acme-files.ts";
import { readPem } from "./certificate-files.ts";
import { readKept } from "./kept-pair.ts";
import { digestOf, keyDigest } from "./tlsa-key.ts";

export type ServedKeys = { readonly current: string | undefined; readonly next: string | undefined };

/**
 * Digests for TLSA records of the key in use and of the next one, from the files of a server that need not be running. Of
 * our own authority's certificates there are none: their key is a new one every time.
 */
export async function servedKeys({
  data,
  tls,
}: {
  readonly data: string;
  readonly tls: { readonly certificate?: string | undefined; readonly acme: { readonly enabled: boolean } };
}): Promise<ServedKeys> {
  if (tls.acme.enabled) {
    const files = acmeFiles(join(data, "tls", "acme"));
    const [served, next] = [await files.read("served.pem"), await files.read("next-key.pem")];
    return { current: tried(served, keyDigest), next: tried(next, keyDigest) };
  }
  if (tls.certificate === undefined) return { current: undefined, next: undefined };
  const held = tried(await readPem(tls.certificate), certificateDigest);
  const kept = await readKept(acmeFiles(join(data, "tls", "files")));
  const current = kept === undefined ? held : keyDigest(kept.pair.key);
  return { current, next: held === current ? undefined : held };
}

const certificateDigest = (certificate: string): string =>
  digestOf(createPublicKey(certificate).export({ type: "spki", format: "der" }));

/** A file that holds no key says nothing. */
function tried(text: string | undefined, digest: (text: string) => string): string | undefined {
  try {
    return text === undefined ? undefined : digest(text);
  } catch {
    return undefined;
  }
}
