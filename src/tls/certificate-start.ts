import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { acmeFiles } from "./acme-files.ts";
import { keepFiles, type CertificateFiles } from "./certificate-files.ts";
import type { AcmeSettings } from "./certificate-acme.ts";
import type { KeeperStatus } from "./certificate-keeper.ts";
import type { CertificateKeeper } from "./certificate-served.ts";
import type { PinnableKeys } from "./tlsa-keeper.ts";
import type { TlsaWatch } from "./tlsa-watch.ts";
import { keepOwnCertificate } from "./own-authority.ts";

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
export type World = { readonly clock: Clock; readonly random: () => number; readonly log: Log };

export type StartedKeeper = CertificateKeeper & {
  /** PEM file of our own authority where clients have to be told of it. */
  readonly authorityFile: string | undefined;
  /** How it stands with the authority, where there is one. */
  status?(): KeeperStatus;
  /** For TLSA records. */
  keys(): PinnableKeys;
};

/** Of our own authority's certificates the key is a new one every time. */
export const NO_KEYS: PinnableKeys = { served: undefined, next: undefined };

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
  // Another thirty files, which the first start of a new server does not need.
  const { keepAcme } = await import("./certificate-acme.ts");
  return await keepAcme(acme, { directory, ownNames, moreNames }, world);
}
