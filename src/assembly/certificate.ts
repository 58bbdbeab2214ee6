import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { Secret } from "../base/secret.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import { bothViews, serverOf } from "../dns/configured.ts";
import { dynamicZones, type ZoneProvider } from "../dns/update-client.ts";
import type { Store } from "../store/store.ts";
import type { ZoneEditor } from "../tls/acme-dns01.ts";
import { acmeFiles } from "../tls/acme-files.ts";
import { challengeZone } from "../tls/acme-zone.ts";
import { keepTlsa, type TlsaStatus } from "../tls/tlsa-keeper.ts";
import { everyOwner, tlsaOwners } from "../tls/tlsa-owners.ts";
import { watchTlsa, type TlsaWatch } from "../tls/tlsa-watch.ts";
import type { AcmeSettings } from "../tls/certificate-acme.ts";
import { startKeeper, type StartedKeeper } from "../tls/certificate-start.ts";
import { namesLeadingHere, webNames } from "./certificate-names.ts";

type Rooms = { readonly store: Store; readonly dns: Dns };
export type KeptCertificate = StartedKeeper & { tlsa(): TlsaStatus };

/** The certificate of the configuration, kept current, and in a signed zone the TLSA records of its key with it. */
export async function startCertificate(config: Config, rooms: Rooms, world: World): Promise<KeptCertificate> {
  const provider = await providerOf(config, world.clock);
  await using opened = new AsyncDisposableStack();
  const keeper = opened.use(await keeperOf(config, rooms, provider, world));
  const directory = join(config.data, "tls");
  const owners = tlsaOwners(config);
  const tlsa = opened.use(
    await keepTlsa({
      keys: () => keeper.keys(),
      hostName: config.hostname as Domain,
      owners,
      watch: ourTlsa(config, rooms.dns),
      dns: rooms.dns,
      provider,
      files: acmeFiles(directory),
      ...world,
    }),
  );
  const both = opened.move();
  return { ...keeper, tlsa: () => tlsa.status(), [Symbol.asyncDispose]: () => both.disposeAsync() };
}

/** By ACME, from files, or of our own authority until there is one. */
async function keeperOf(
  config: Config,
  rooms: Rooms,
  provider: ZoneProvider | undefined,
  world: World,
): Promise<StartedKeeper> {
  const { tls, hostname: hostName } = config;
  const directory = join(config.data, "tls");
  if (tls.acme.enabled) {
    const zone = provider && challengeZone({ provider, dns: rooms.dns, clock: world.clock });
    const moreNames = tls.acme.web_names ? { moreNames: namesLeadingHere(config, rooms) } : {};
    const acme = await acmeOf(config, rooms.dns, zone);
    return await startKeeper({ directory, hostName, acme, ...moreNames }, world);
  }
  if (tls.certificate === undefined && tls.key === undefined)
    return await startKeeper({ directory, hostName, moreNames: () => webNames(config, rooms.store) }, world);
  checkPair(
    await readSetting("tls.certificate", tls.certificate),
    await readSetting("tls.key", tls.key),
    tls,
  );
  const files = { certificate: tls.certificate ?? "", key: tls.key ?? "" };
  return await startKeeper({ directory, hostName, files, tlsa: ourTlsa(config, rooms.dns) }, world);
}

type World = Parameters<typeof startKeeper>[1];

async function acmeOf(config: Config, dns: Dns, zone: ZoneEditor | undefined): Promise<AcmeSettings> {
  const {
    hostname,
    tls: { acme },
  } = config;
  if (!acme.agree_terms)
    throw new OperatorError(
      "terms-not-agreed",
      "tls.acme is enabled, but nobody has agreed to the terms of the authority.",
      "Read them at https://letsencrypt.org/repository/ (or your authority's page) and set tls.acme.agree_terms = true.",
    );
  const ca = acme.ca_file === undefined ? undefined : await readSetting("tls.acme.ca_file", acme.ca_file);
  const { directory, contact, challenge, address, port, profile } = acme;
  const names = acme.names.length > 0 ? acme.names : [hostname];
  const tlsa = ourTlsa(config, dns);
  const dnssec = await bothViews(config.dns.servers);
  return { directory, contact, names, challenge, zone, address, port, profile, dnssec, tlsa, ca };
}

const ourTlsa = (config: Config, dns: Dns): TlsaWatch =>
  watchTlsa({ owners: everyOwner(tlsaOwners(config)), dns });

/** Who changes our own zones, where that is settled. */
async function providerOf({ dns: { update }, tls }: Config, clock: Clock): Promise<ZoneProvider | undefined> {
  const isOwn = !tls.acme.enabled && tls.certificate === undefined;
  if (update === undefined || isOwn) return undefined;
  const secret = new Secret((await readSetting("dns.update.secret_file", update.secret_file)).trim());
  const key = { name: parseDomain(update.key) as Domain, algorithm: update.algorithm, secret };
  return dynamicZones({ server: serverOf(update.server), key }, clock);
}

/** Content of a file that a setting names. */
export async function readSetting(setting: string, file: string | undefined): Promise<string> {
  try {
    return await readFile(file ?? "", "utf8");
  } catch (error) {
    throw new OperatorError(
      "file-unreadable",
      file === undefined
        ? `${setting} is missing.`
        : `${setting}: ${file} cannot be read (${String(error)}).`,
      remedyFor(setting),
      { cause: error },
    );
  }
}

const remedyFor = (setting: string): string =>
  setting.startsWith("dns.")
    ? "It must be a file the server may read."
    : setting.startsWith("tls.")
      ? PAIR_REMEDY
      : "It must be a PEM file the server may read.";

const PAIR_REMEDY =
  "tls.certificate and tls.key belong together; both must be PEM files the server may read.";

/** Here and not at the first handshake, where it would be a client that is told. */
function checkPair(certificate: string, key: string, files: Config["tls"]): void {
  const leaf = orUnusable(
    () => new X509Certificate(certificate),
    `tls.certificate: ${files.certificate} holds no PEM certificate.`,
  );
  const secret: KeyObject = orUnusable(
    () => createPrivateKey(key),
    `tls.key: ${files.key} holds no PEM private key without a passphrase.`,
  );
  if (!leaf.checkPrivateKey(secret))
    throw unusable(`${files.certificate} and ${files.key} do not belong together.`);
}

function orUnusable<T>(read: () => T, message: string): T {
  try {
    return read();
  } catch (error) {
    throw unusable(message, error);
  }
}

const unusable = (message: string, cause?: unknown): OperatorError =>
  new OperatorError("certificate-unusable", message, PAIR_REMEDY, { cause });
