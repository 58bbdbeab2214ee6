import type { Config } from "./schema.ts";

/**
 * Files outside of the data directory that the server cannot do without on another machine. The key of the backups is not
 * among them: who has no key cannot open the archive it would lie in.
 */
export function namedFiles({ tls, dns, outbound }: Config): readonly string[] {
  const named = [
    tls.certificate,
    tls.key,
    tls.acme.ca_file,
    dns.update?.secret_file,
    outbound.ca_file,
    ...outbound.transports.map(({ password_file: file }) => file),
  ];
  return [...new Set(named.filter((file) => file !== undefined))];
}
