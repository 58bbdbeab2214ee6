import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import { err, type Result } from "../base/result.ts";
import { ExpiryWatch } from "./certificate-alarm.ts";
import { checkPair } from "./certificate-check.ts";
import { certificateServed, filesUnusable } from "./certificate-events.ts";
import { CertificateHolder, keepChecking, type CertificateKeeper } from "./certificate-served.ts";
import type { KeyAndCertificate } from "./certificate.ts";
import { FoundKey } from "./found-key.ts";
import { pairIn, type Served } from "./kept-pair.ts";
import type { RolloverFiles } from "./key-rollover.ts";

export type CertificateFiles = {
  /** PEM, the server's certificate first, then its chain. */
  readonly certificate: string;
  readonly key: string;
};
type World = { readonly clock: Clock; readonly log: Log };

/**
 * Two small files twice a minute: works on every file system and through links, where change notices do not, and
 * serves a new certificate within a minute.
 */
const LOOK_MS = 20_000;

export type FilesKeeper = CertificateKeeper & {
  /** Digest of the key that the files hold and that is not served yet. */
  waiting(): string | undefined;
};

/**
 * Serves a certificate that somebody else renews: files are read again when they change. Files that do not fit
 * (the key is written, the certificate not yet) leave the old pair in service, and so does a key that senders with DANE
 * could not know yet (`keys`). Throws an OperatorError when there is nothing to begin with.
 */
export async function keepFiles(
  files: CertificateFiles,
  world: World,
  keys?: RolloverFiles,
): Promise<FilesKeeper> {
  const first = await load(files);
  if (!first.ok)
    throw new OperatorError(
      "certificate-unusable",
      `tls.certificate and tls.key: ${first.error}.`,
      "Both must be PEM files the server may read, and belong together.",
    );
  const key = keys && (await FoundKey.open({ ...world, ...keys }));
  const keeper = new Keeper(files, world, key, (await key?.first(first.value)) ?? first.value);
  const checking = keepChecking((signal) => keeper.check(signal), world);
  return {
    current: () => keeper.holder.current(),
    onChange: (listener) => keeper.holder.onChange(listener),
    waiting: () => key?.waiting,
    [Symbol.asyncDispose]: () => checking[Symbol.asyncDispose](),
  };
}

class Keeper {
  readonly holder: CertificateHolder;
  readonly #files: CertificateFiles;
  readonly #world: World;
  readonly #key: FoundKey | undefined;
  readonly #expiry: ExpiryWatch;
  #served: Served;
  #refused: { readonly why: string; readonly times: number } | undefined;

  constructor(files: CertificateFiles, world: World, key: FoundKey | undefined, first: Served) {
    this.holder = new CertificateHolder(first.pair);
    this.#files = files;
    this.#world = world;
    this.#key = key;
    this.#expiry = new ExpiryWatch(world);
    this.#served = first;
    certificateServed(world.log, "files", first.facts.notAfter_ms);
  }

  async check(signal: AbortSignal): Promise<number> {
    const read = await load(this.#files);
    if (read.ok) await this.#take(read.value, signal);
    else this.#refuse(read.error);
    this.#expiry.look(this.#served.facts);
    return LOOK_MS;
  }

  /** Said once, at the second look: the first may fall between two writes. */
  #refuse(why: string): void {
    this.#refused = { why, times: this.#refused?.why === why ? this.#refused.times + 1 : 1 };
    if (this.#refused.times === 2) filesUnusable(this.#world.log, why);
  }

  async #take(next: Served, signal: AbortSignal): Promise<void> {
    this.#refused = undefined;
    if (same(next.pair, this.holder.current())) return await this.#key?.nothingWaits();
    if ((await this.#key?.mayServe(next, this.#served, signal)) === false) return;
    await this.#key?.served(next);
    this.#served = next;
    this.holder.replace(next.pair);
    certificateServed(this.#world.log, "files", next.facts.notAfter_ms);
  }
}

async function load(files: CertificateFiles): Promise<Result<Served, string>> {
  try {
    const pair = pairIn(await readFile(files.key, "utf8"), await readFile(files.certificate, "utf8"));
    const facts = checkPair(pair);
    return facts.ok ? { ok: true, value: { pair, facts: facts.value } } : facts;
  } catch (error) {
    return err((error as Error).message);
  }
}

/** A file of the operator's; undefined where it cannot be read. */
export const readPem = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch(() => undefined);

const same = (a: KeyAndCertificate, b: KeyAndCertificate): boolean =>
  a.key === b.key && a.certificate === b.certificate;
