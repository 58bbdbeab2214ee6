import { join } from "node:path";
import { registeredAccount } from "./acme-account.ts";
import { acmeFiles } from "./acme-files.ts";
import type { CaaAccount } from "./caa.ts";

/** Who issues our certificates, as CAA records name it. */
export type OwnIssuer = {
  /** Undefined where the authority has not said what CAA calls it. */
  readonly identity: string | undefined;
  readonly account: CaaAccount;
  /** Whether certificates with `*` are ordered. */
  readonly wildcards: boolean;
};

/** What Let's Encrypt is called, also by an account from the time when that was not written down. */
const LETS_ENCRYPT = /^https:\/\/acme(-staging)?-v02\.api\.letsencrypt\.org\//;

/** From the files of a server that need not be running; undefined without ACME, or before the first order. */
export async function ownIssuer({
  data,
  tls: { certificate, acme },
}: {
  readonly data: string;
  readonly tls: {
    readonly certificate?: string | undefined;
    readonly acme: {
      readonly enabled: boolean;
      readonly directory: string;
      readonly challenge: string;
      readonly names: readonly string[];
    };
  };
}): Promise<OwnIssuer | undefined> {
  if (certificate !== undefined || !acme.enabled) return undefined;
  const account = await registeredAccount(acmeFiles(join(data, "tls", "acme")), acme.directory);
  if (account === undefined) return undefined;
  const [said] = account.identities ?? [];
  return {
    identity: said ?? (LETS_ENCRYPT.test(acme.directory) ? "letsencrypt.org" : undefined),
    account: { uri: account.url, method: acme.challenge },
    wildcards: acme.names.some((name) => name.startsWith("*.")),
  };
}
