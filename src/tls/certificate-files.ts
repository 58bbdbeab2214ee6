import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import { err, type Result } from "../base/result.ts";
import { ExpiryWatch } from "./certificate-alarm.ts";
import { checkPair, type CertificateFacts } from "./certificate-check.ts";
import { certificateServed, filesUnusable } from "./certificate-events.ts";
import { CertificateHolder, keepChecking, type CertificateKeeper } from "./certificate-served.ts";
import type { KeyAndCertificate } from "./certificate.ts";

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

/**
 * Serves a certificate that somebody else renews: files are read again when they change. Files that do not fit
 * (the key is written, the certificate not yet) leave the old pair in service. Throws an OperatorError when there
 * is nothing to begin with.
 */
export async function keepFiles(files: CertificateFiles, world: World): Promise<CertificateKeeper> {
  const first = await load(files);
  if (!first.ok)
    throw new OperatorError(
      "certificate-unusable",
      `tls.certificate and tls.key: ${first.error}.`,
      "Both must be PEM files the server may read, and belong together.",
    );
  const holder = new CertificateHolder(first.value.pair);
  const expiry = new ExpiryWatch(world);
  let { facts } = first.value;
  let refused: { readonly why: string; readonly times: number } | undefined;
  certificateServed(world.log, "files", facts.notAfter_ms);
  const checking = keepChecking(async () => {
    const read = await load(files);
    if (!read.ok) {
      refused = { why: read.error, times: refused?.why === read.error ? refused.times + 1 : 1 };
      // Said once, at the second look: the first may fall between two writes.
      if (refused.times === 2) filesUnusable(world.log, refused.why);
    } else {
      refused = undefined;
      if (!same(read.value.pair, holder.current())) {
        ({ facts } = read.value);
        holder.replace(read.value.pair);
        certificateServed(world.log, "files", facts.notAfter_ms);
      }
    }
    expiry.look(facts);
    return LOOK_MS;
  }, world);
  return {
    current: () => holder.current(),
    onChange: (listener) => holder.onChange(listener),
    [Symbol.asyncDispose]: () => checking[Symbol.asyncDispose](),
  };
}

type Loaded = { readonly pair: KeyAndCertificate; readonly facts: CertificateFacts };

async function load(files: CertificateFiles): Promise<Result<Loaded, string>> {
  try {
    const pair = {
      key: await readFile(files.key, "utf8"),
      certificate: await readFile(files.certificate, "utf8"),
    };
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
