import { join } from "node:path";
import { acmeFiles } from "./acme-files.ts";
import { readPem } from "./certificate-files.ts";
import { readKept } from "./kept-pair.ts";
import { keyDigest } from "./tlsa-key.ts";

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
    return { current: digestIn(served), next: digestIn(next) };
  }
  if (tls.certificate === undefined) return { current: undefined, next: undefined };
  const held = digestIn(await readPem(tls.certificate));
  const kept = await readKept(acmeFiles(join(data, "tls", "files")));
  const current = kept === undefined ? held : keyDigest(kept.pair.key);
  return { current, next: held === current ? undefined : held };
}

/** A file that holds no key says nothing. */
function digestIn(pem: string | undefined): string | undefined {
  try {
    return pem === undefined ? undefined : keyDigest(pem);
  } catch {
    return undefined;
  }
}
