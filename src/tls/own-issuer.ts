import { join } from "node:path";
import { registeredAccount } from "./acme-account.ts";
import { acmeFiles, authoritiesIn } from "./acme-files.ts";
import { acmeHttp } from "./acme-http.ts";
import { directorySchema, readMessage } from "./acme-messages.ts";
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

/** An operator waits for it. */
const ANSWER_MS = 10_000;

/**
 * From the files of a server that need not be running; undefined without ACME, or before the first order. What CAA calls an
 * authority that has not told the account, its directory is asked.
 */
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
      readonly ca_file?: string | undefined;
    };
  };
}): Promise<OwnIssuer | undefined> {
  if (certificate !== undefined || !acme.enabled) return undefined;
  const account = await registeredAccount(acmeFiles(join(data, "tls", "acme")), acme.directory);
  if (account === undefined) return undefined;
  const [said] = account.identities ?? [];
  return {
    identity: said ?? (LETS_ENCRYPT.test(acme.directory) ? "letsencrypt.org" : await askedIdentity(acme)),
    account: { uri: account.url, method: acme.challenge },
    wildcards: acme.names.some((name) => name.startsWith("*.")),
  };
}

/** RFC 8555 §7.1.1, §9.7.6. Undefined also without an answer. */
async function askedIdentity({
  directory,
  ca_file: caFile,
}: {
  readonly directory: string;
  readonly ca_file?: string | undefined;
}): Promise<string | undefined> {
  const ca = caFile === undefined ? undefined : await authoritiesIn(caFile);
  const answer = await acmeHttp(ca)({ method: "GET", url: directory }, AbortSignal.timeout(ANSWER_MS));
  if (!answer.ok || answer.value.status !== 200) return undefined;
  const read = readMessage(directorySchema, answer.value.body);
  return read.ok ? read.value.meta?.caaIdentities?.[0] : undefined;
}
