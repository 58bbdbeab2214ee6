import type { Clock } from "../base/clock.ts";
import type { Result } from "../base/result.ts";
import { ok } from "../base/result.ts";
import { openAccount } from "./acme-account.ts";
import type { ChallengeSolver } from "./acme-challenge.ts";
import { AcmeClient } from "./acme-client.ts";
import { failed, type AcmeFailure } from "./acme-failure.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { acmeHttp } from "./acme-http.ts";
import { orderCertificate } from "./acme-order.ts";
import { brokenDnssec, type DnssecViews } from "./broken-dnssec.ts";
import type { CertificateAuthority, RenewalAdvice } from "./certificate-keeper.ts";

export type AcmeAuthorityOptions = {
  readonly directoryUrl: string;
  readonly contact?: string;
  readonly profile?: string;
  /** PEM; trusted beside the public authorities when the directory is asked. */
  readonly ca?: string;
  readonly solver: ChallengeSolver;
  /** Looked at before each order; without it only the authority does. */
  readonly dnssec?: DnssecViews | undefined;
  readonly files: AcmeFiles;
  readonly clock: Clock;
};

/** An authority that speaks ACME, with our account and our way of proving names. RFC 8555 */
export async function acmeAuthority(options: AcmeAuthorityOptions): Promise<CertificateAuthority> {
  const { directoryUrl, contact, profile, ca, solver, dnssec, files, clock } = options;
  const account = await openAccount(files);
  const client = new AcmeClient({
    directoryUrl,
    account,
    transport: acmeHttp(ca),
    clock,
    ...(contact === undefined ? {} : { contact }),
  });
  const ordering = { client, account, solver, files, clock, ...(profile === undefined ? {} : { profile }) };
  return {
    async order(wish, signal) {
      // Failed validations count against us at the authority.
      const broken = dnssec && (await brokenDnssec(wish.names, dnssec, signal));
      return broken === undefined ? await orderCertificate(ordering, wish, signal) : failed(broken);
    },
    renewalInfo: (identity, signal) => advice(client, identity, signal),
  };
}

async function advice(
  client: AcmeClient,
  identity: string,
  signal?: AbortSignal,
): Promise<Result<RenewalAdvice | undefined, AcmeFailure>> {
  const answer = await client.renewalInfo(identity, signal);
  if (!answer.ok || answer.value === undefined) return answer.ok ? ok(undefined) : answer;
  const { value, retryAfter_ms } = answer.value;
  return ok({ window: value.suggestedWindow, explanation: value.explanationURL, retryAfter_ms });
}
