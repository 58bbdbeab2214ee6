import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { Config } from "../config/schema.ts";
import { ownCertificate } from "../tls/own-authority.ts";
import type { ServerCertificate } from "./doors.ts";

/** The certificate of the configuration, or one of our own authority until there is a public one. */
export async function certificateOf(config: Config, clock: Clock): Promise<ServerCertificate> {
  const { certificate, key } = config.tls;
  if (certificate === undefined && key === undefined)
    return await ownCertificate(
      join(config.data, "tls"),
      [config.hostname, "localhost", "127.0.0.1", "::1"],
      clock,
    );
  const pair = {
    certificate: await readSetting("tls.certificate", certificate),
    key: await readSetting("tls.key", key),
  };
  checkPair(pair.certificate, pair.key, config.tls);
  return { ...pair, authorityFile: undefined };
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
      setting.startsWith("tls.") ? PAIR_REMEDY : "It must be a PEM file the server may read.",
      { cause: error },
    );
  }
}

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
