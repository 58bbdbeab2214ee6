import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { certificateServed } from "./certificate-events.ts";
import { CertificateHolder, keepChecking, type CertificateKeeper } from "./certificate-served.ts";
import { createAuthority, issueCertificate, type KeyAndCertificate } from "./certificate.ts";

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_DAYS = 3650;
const LEAF_LIFE_DAYS = 90;
/** A leaf is replaced once a third of its life is left. */
const LEAF_RENEW_DAYS = 30;
/** Clocks of clients differ by minutes. */
const BACKDATE_MS = 3_600_000;

export type OwnCertificate = KeyAndCertificate & {
  /** PEM file of our authority, to be trusted by clients. */
  readonly authorityFile: string;
};

/**
 * A certificate for `names` from an authority made on this machine at first use, kept in `directory` with mode
 * 0600. For `try`, tests and a server that has no public certificate yet.
 */
export async function ownCertificate(
  directory: string,
  names: readonly string[],
  clock: Clock,
): Promise<OwnCertificate> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authorityFile = join(directory, "ca.pem");
  const authority =
    (await load(join(directory, "ca-key.pem"), authorityFile)) ?? (await newAuthority(directory, clock));
  const leafFiles = [join(directory, "server-key.pem"), join(directory, "server.pem")] as const;
  const known = await load(...leafFiles);
  if (known && stillGood(known, authority, names, clock.now())) return { ...known, authorityFile };
  const leaf = issueCertificate(
    {
      subject: names[0] ?? "localhost",
      names,
      notBefore_ms: clock.now() - BACKDATE_MS,
      notAfter_ms: clock.now() + LEAF_LIFE_DAYS * DAY_MS,
    },
    authority,
    subjectOf(authority),
  );
  await save(leaf, ...leafFiles);
  return { ...leaf, authorityFile };
}

/** A day is soon enough for a leaf with a third of its life left. */
const LOOK_MS = 86_400_000;
/** A domain is added by another process; whoever did it expects its names soon. */
const NAMES_MS = 3_000;

/** The same for a server that runs for years: the leaf is replaced in time, and served from then on. */
export async function keepOwnCertificate(
  directory: string,
  names: () => Promise<readonly string[]>,
  world: { readonly clock: Clock; readonly log: Log },
): Promise<CertificateKeeper & { readonly authorityFile: string }> {
  let known = await names();
  let looked_ms = world.clock.now();
  const first = await ownCertificate(directory, known, world.clock);
  const holder = new CertificateHolder(first);
  const checking = keepChecking(async () => {
    const wanted = await names();
    if (isSame(wanted, known) && world.clock.now() - looked_ms < LOOK_MS) return NAMES_MS;
    [known, looked_ms] = [wanted, world.clock.now()];
    const pair = await ownCertificate(directory, known, world.clock);
    if (pair.certificate !== holder.current().certificate) {
      holder.replace(pair);
      certificateServed(world.log, "own", world.clock.now() + LEAF_LIFE_DAYS * DAY_MS);
    }
    return NAMES_MS;
  }, world);
  return {
    authorityFile: first.authorityFile,
    current: () => holder.current(),
    onChange: (listener) => holder.onChange(listener),
    [Symbol.asyncDispose]: () => checking[Symbol.asyncDispose](),
  };
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

async function newAuthority(directory: string, clock: Clock): Promise<KeyAndCertificate> {
  const now = clock.now();
  const authority = createAuthority({
    subject: `Wachpost CA ${new Date(now).toISOString().slice(0, 10)}`,
    names: [],
    notBefore_ms: now - BACKDATE_MS,
    notAfter_ms: now + AUTHORITY_LIFE_DAYS * DAY_MS,
  });
  await save(authority, join(directory, "ca-key.pem"), join(directory, "ca.pem"));
  return authority;
}

function stillGood(
  leaf: KeyAndCertificate,
  authority: KeyAndCertificate,
  names: readonly string[],
  now_ms: number,
): boolean {
  const certificate = new X509Certificate(leaf.certificate);
  return (
    certificate.checkIssued(new X509Certificate(authority.certificate)) &&
    certificate.validToDate.getTime() - now_ms > LEAF_RENEW_DAYS * DAY_MS &&
    // checkIP throws at a name that is no address.
    names.every(
      (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
    )
  );
}

const subjectOf = (authority: KeyAndCertificate): string =>
  new X509Certificate(authority.certificate).subject.replace(/^CN=/, "");

async function load(keyFile: string, certificateFile: string): Promise<KeyAndCertificate | undefined> {
  try {
    return { key: await readFile(keyFile, "utf8"), certificate: await readFile(certificateFile, "utf8") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The key first: a certificate without its key would be worse than neither. */
async function save(pair: KeyAndCertificate, keyFile: string, certificateFile: string): Promise<void> {
  for (const [file, content] of [
    [keyFile, pair.key],
    [certificateFile, pair.certificate],
  ] as const) {
    await writeFile(`${file}.new`, content, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}
