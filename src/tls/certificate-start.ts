import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import { acmeAuthority } from "./acme-authority.ts";
import type { ChallengeSolver } from "./acme-challenge.ts";
import { dns01, type ZoneEditor } from "./acme-dns01.ts";
import type { DnssecViews } from "./broken-dnssec.ts";
import { acmeFiles } from "./acme-files.ts";
import { Http01 } from "./acme-http01.ts";
import { TlsAlpn01 } from "./acme-tls-alpn01.ts";
import { keepFiles, type CertificateFiles } from "./certificate-files.ts";
import { keepCertificate, type KeeperStatus } from "./certificate-keeper.ts";
import type { CertificateKeeper } from "./certificate-served.ts";
import { NextKey } from "./next-key.ts";
import type { PinnableKeys } from "./tlsa-keeper.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";
import { keepOwnCertificate, ownCertificate } from "./own-authority.ts";

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
export type CertificateSettings = {
  /** `tls` below the data directory. */
  readonly directory: string;
  readonly hostName: string;
  readonly files?: CertificateFiles;
  /** Where our TLSA records stand, for a key that the files may hold one day. */
  readonly tlsa?: TlsaWatch;
  readonly acme?: AcmeSettings;
  /** Names that may come and go: asked again and again. */
  moreNames?(): Promise<readonly string[]>;
};
type World = { readonly clock: Clock; readonly random: () => number; readonly log: Log };

export type StartedKeeper = CertificateKeeper & {
  /** PEM file of our own authority where clients have to be told of it. */
  readonly authorityFile: string | undefined;
  /** How it stands with the authority, where there is one. */
  status?(): KeeperStatus;
  /** For TLSA records. */
  keys(): PinnableKeys;
};

/** Of our own authority's certificates the key is a new one every time. */
const NO_KEYS: PinnableKeys = { served: undefined, next: undefined };

/** Starts the keeper the settings ask for: an authority by ACME, files of the operator, or our own authority. */
export async function startKeeper(settings: CertificateSettings, world: World): Promise<StartedKeeper> {
  const { directory, hostName, files, acme } = settings;
  const ownNames = [hostName, "localhost", "127.0.0.1", "::1"];
  if (files !== undefined) {
    const watch = settings.tlsa && { files: acmeFiles(join(directory, "files")), watch: settings.tlsa };
    const keeper = await keepFiles(files, world, watch);
    const keys = (): PinnableKeys => ({ served: keeper.current().key, next: keeper.waiting() });
    return { ...keeper, authorityFile: undefined, keys };
  }
  const moreNames = async (): Promise<readonly string[]> => (await settings.moreNames?.()) ?? [];
  if (acme === undefined) {
    const names = async (): Promise<readonly string[]> => [...ownNames, ...(await moreNames())];
    return { ...(await keepOwnCertificate(directory, names, world)), keys: () => NO_KEYS };
  }
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
