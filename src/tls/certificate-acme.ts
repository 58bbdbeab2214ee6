import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { acmeAuthority } from "./acme-authority.ts";
import type { ChallengeSolver } from "./acme-challenge.ts";
import { dns01, type ZoneEditor } from "./acme-dns01.ts";
import { acmeFiles } from "./acme-files.ts";
import { Http01 } from "./acme-http01.ts";
import { TlsAlpn01 } from "./acme-tls-alpn01.ts";
import type { DnssecViews } from "./broken-dnssec.ts";
import { keepCertificate } from "./certificate-keeper.ts";
import { NO_KEYS, type StartedKeeper, type World } from "./certificate-start.ts";
import { NextKey } from "./next-key.ts";
import { ownCertificate } from "./own-authority.ts";
import type { PinnableKeys } from "./tlsa-keeper.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";

export type AcmeSettings = {
  readonly directory: string;
  readonly contact?: string | undefined;
  readonly names: readonly string[];
  readonly challenge: "http-01" | "tls-alpn-01" | "dns-01";
  /** For dns-01: who changes our zone. */
  readonly zone?: ZoneEditor | undefined;
  /** Where the challenge is answered; all addresses without it. */
  readonly address?: string | undefined;
  /** 80 or 443 without it: what the authority connects to. */
  readonly port?: number | undefined;
  readonly profile?: string | undefined;
  /** Whom to ask whether the signatures of our names hold, before each order. */
  readonly dnssec?: DnssecViews | undefined;
  /** Where our TLSA records stand; without it the key of the first certificate stays. */
  readonly tlsa?: TlsaWatch;
  /** PEM. */
  readonly ca?: string | undefined;
};

export type AcmePlace = {
  /** `tls` below the data directory. */
  readonly directory: string;
  /** Of the certificate that is served until there is one. */
  readonly ownNames: readonly string[];
  readonly moreNames: () => Promise<readonly string[]>;
};

/** A certificate of an authority, by ACME; one of our own until it is there. */
export async function keepAcme(
  acme: AcmeSettings,
  { directory, ownNames, moreNames }: AcmePlace,
  world: World,
): Promise<StartedKeeper> {
  const kept = acmeFiles(join(directory, "acme"));
  const { contact, profile, ca, dnssec } = acme;
  const authority = await acmeAuthority({
    directoryUrl: acme.directory,
    solver: solverOf(acme, world.clock),
    files: kept,
    dnssec,
    clock: world.clock,
    ...(contact === undefined ? {} : { contact }),
    ...(profile === undefined ? {} : { profile }),
    ...(ca === undefined ? {} : { ca }),
  });
  const nextKey =
    acme.tlsa === undefined ? undefined : await NextKey.open({ ...world, files: kept, watch: acme.tlsa });
  const until = await ownCertificate(directory, ownNames, world.clock);
  const keeper = await keepCertificate({
    ...world,
    names: acme.names,
    moreNames,
    authority,
    files: kept,
    ...(nextKey === undefined ? {} : { nextKey }),
    until,
  });
  const keys = (): PinnableKeys =>
    keeper.current() === until ? NO_KEYS : { served: keeper.current().key, next: nextKey?.digest };
  return { ...keeper, authorityFile: undefined, keys };
}

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** How the names are proved. */
export function solverOf({ challenge, zone, address, port }: AcmeSettings, clock: Clock): ChallengeSolver {
  if (challenge === "http-01") return new Http01({ host: address, port: port ?? HTTP_PORT });
  if (challenge === "tls-alpn-01") return new TlsAlpn01({ host: address, port: port ?? HTTPS_PORT }, clock);
  if (zone !== undefined) return dns01(zone);
  throw new OperatorError(
    "no-dns-update",
    'tls.acme.challenge is "dns-01", but nobody can change the zone.',
    "Set dns.update, or choose another tls.acme.challenge.",
  );
}
