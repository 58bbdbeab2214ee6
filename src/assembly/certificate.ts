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
  return {
    certificate: await readSetting("tls.certificate", certificate),
    key: await readSetting("tls.key", key),
    authorityFile: undefined,
  };
}

/** The text of a file that a setting names. */
export async function readSetting(setting: string, file: string | undefined): Promise<string> {
  try {
    return await readFile(file ?? "", "utf8");
  } catch (error) {
    throw new OperatorError(
      "file-unreadable",
      file === undefined
        ? `${setting} is missing.`
        : `${setting}: ${file} cannot be read (${String(error)}).`,
      "tls.certificate and tls.key belong together; both must be PEM files the server may read.",
      { cause: error },
    );
  }
}
