import { trimBlank } from "../../message/header-text.ts";

/** Octets of a record that are read, and places of it that are used. */
const RECORD_OCTETS_MAX = 4_096;
const URIS_MAX = 10;

/**
 * The rua= URIs of a TXT record at `_smtp._tls.<domain>`; undefined where it is no TLSRPT record. RFC 8460 §3
 *
 *   tlsrpt-record  = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
 *   tlsrpt-version = %s"v=TLSRPTv1"
 *   tlsrpt-rua     = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
 */
export function parseTlsrptRecord(text: string): readonly string[] | undefined {
  if (text.length > RECORD_OCTETS_MAX) return undefined;
  const [version, ...fields] = text.split(";").map(trimBlank);
  if (version !== "v=TLSRPTv1") return undefined;
  const rua = fields.find((field) => field.startsWith("rua="))?.slice("rua=".length);
  return (rua ?? "")
    .split(",", URIS_MAX)
    .map(trimBlank)
    .filter((uri) => /^(?:mailto:[^@\s]+@[^@\s]+|https:\/\/[^\s]+)$/i.test(uri));
}
