import { readFile } from "node:fs/promises";
import { OperatorError } from "../base/operator-error.ts";
import { Secret } from "../base/secret.ts";
import type { Config } from "../config/schema.ts";
import type { LocalAddress, Transport as Setting } from "../config/schema-outbound.ts";
import { sourceOf, type Source } from "../queue/source.ts";
import type { Transport } from "../queue/transport.ts";

/** The next hops of the configuration, with the passwords read from their files. */
export async function transportsOf({ outbound }: Config): Promise<readonly Transport[]> {
  return await Promise.all(outbound.transports.map(transportOf));
}

const SUBMISSION_PORT = 587;

async function transportOf({
  domain,
  kind,
  host,
  port,
  tls,
  user,
  password_file,
  local_address,
  helo_name,
}: Setting): Promise<Transport> {
  const name = helo_name === undefined ? {} : { heloName: helo_name };
  const entry = { match: domain, ...sourced(local_address), ...name };
  if (kind === "direct" || host === undefined) return { ...entry, kind: "direct" };
  const hop = { ...entry, kind, host, port: port ?? SUBMISSION_PORT, tls: tls ?? "verify" };
  if (user === undefined) return hop;
  return { ...hop, login: { user, password: await passwordIn(password_file, domain) } };
}

/** As a property that is there where the setting is. */
export function sourced(setting: LocalAddress): { readonly source?: Source } {
  const source = sourceOf([setting ?? []].flat());
  return source === undefined ? {} : { source };
}

async function passwordIn(file: string | undefined, domain: string): Promise<Secret> {
  try {
    return new Secret((await readFile(file ?? "", "utf8")).replace(/\r?\n$/, ""));
  } catch (error) {
    throw new OperatorError(
      "password-unreadable",
      `The transport for ${domain} has a user, but its password_file cannot be read (${String(error)}).`,
      "Name a file that holds the password alone, with mode 0600 and the server as owner.",
      { cause: error },
    );
  }
}
