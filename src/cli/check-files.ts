import { readFile, stat } from "node:fs/promises";
import type { Config } from "../config/schema.ts";
import { sourceFindings } from "./check-sources.ts";
import { checkPair } from "../tls/certificate-check.ts";

/** One thing wrong with a file or an address that the configuration names. */
export type FileFinding = {
  readonly severity: "error" | "warning";
  /** Path of the setting: `["tls", "certificate"]`. */
  readonly key: readonly string[];
  readonly message: string;
};

const DAY_MS = 86_400_000;
/** Who renews by hand wants to know two weeks ahead. */
const EXPIRY_SOON_MS = 14 * DAY_MS;

/** Reads every file that the server would read at its start, and says what is wrong with it. */
export async function fileFindings(config: Config, now_ms: number): Promise<readonly FileFinding[]> {
  return [
    ...(await certificateFindings(config, now_ms)),
    ...(await authorityFindings(config)),
    ...(await passwordFindings(config)),
    ...(await sourceFindings(config)),
  ];
}

async function certificateFindings({ tls, hostname }: Config, now_ms: number): Promise<FileFinding[]> {
  if (tls.certificate === undefined && tls.key === undefined) return [];
  if (tls.certificate === undefined) return [error(["tls", "key"], "needs tls.certificate beside it")];
  if (tls.key === undefined) return [error(["tls", "certificate"], "needs tls.key beside it")];
  const certificate = await textOf(tls.certificate);
  const key = await textOf(tls.key);
  const unread = [
    ...(certificate.ok ? [] : [error(["tls", "certificate"], certificate.why)]),
    ...(key.ok ? [] : [error(["tls", "key"], key.why)]),
  ];
  if (!certificate.ok || !key.ok) return unread;
  const pair = checkPair({ certificate: certificate.text, key: key.text });
  if (!pair.ok) return [error(["tls", "certificate"], `${tls.certificate} and ${tls.key}: ${pair.error}`)];
  const { notBefore_ms, notAfter_ms } = pair.value;
  const day = (time_ms: number): string => new Date(time_ms).toISOString().slice(0, 10);
  const at = ["tls", "certificate"];
  const findings: FileFinding[] = [];
  if (notAfter_ms <= now_ms) findings.push(error(at, `${tls.certificate} expired on ${day(notAfter_ms)}`));
  else if (notAfter_ms - now_ms < EXPIRY_SOON_MS)
    findings.push(warning(at, `${tls.certificate} expires on ${day(notAfter_ms)}`));
  if (notBefore_ms > now_ms)
    findings.push(error(at, `${tls.certificate} is good from ${day(notBefore_ms)} only`));
  if (!pair.value.covers(hostname))
    findings.push(warning(at, `${tls.certificate} does not name ${hostname}`));
  return [...findings, ...(await openFindings(["tls", "key"], tls.key))];
}

async function authorityFindings({ outbound }: Config): Promise<FileFinding[]> {
  if (outbound.ca_file === undefined) return [];
  const read = await textOf(outbound.ca_file);
  if (!read.ok) return [error(["outbound", "ca_file"], read.why)];
  const holds = read.text.includes("-----BEGIN CERTIFICATE-----");
  return holds ? [] : [error(["outbound", "ca_file"], `${outbound.ca_file} holds no PEM certificate`)];
}

async function passwordFindings({ outbound }: Config): Promise<FileFinding[]> {
  const findings = outbound.transports.map(async ({ domain, user, password_file: file }, i) => {
    const key = ["outbound", "transports", String(i), "password_file"];
    if (user === undefined) return [];
    if (file === undefined)
      return [error(key, `the transport for ${domain} has a user and no password_file`)];
    const read = await textOf(file);
    if (!read.ok) return [error(key, read.why)];
    if (read.text.trim() === "") return [error(key, `${file} is empty`)];
    return openFindings(key, file);
  });
  return (await Promise.all(findings)).flat();
}

/** Secrets that anybody on the machine may read. */
async function openFindings(key: readonly string[], file: string): Promise<FileFinding[]> {
  const { mode } = await stat(file);
  return (mode & 0o007) === 0 ? [] : [warning(key, `everybody may read ${file}; \`chmod 600\` it`)];
}

const error = (key: readonly string[], message: string): FileFinding => ({ severity: "error", key, message });
const warning = (key: readonly string[], message: string): FileFinding => ({
  severity: "warning",
  key,
  message,
});

type Read = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

async function textOf(file: string): Promise<Read> {
  try {
    return { ok: true, text: await readFile(file, "utf8") };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? String(cause)})`;
    return { ok: false, why: `${file} ${why}` };
  }
}
