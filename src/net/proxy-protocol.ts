import { parseIp, type IpAddress } from "../base/ip.ts";

/** What a proxy said about its client. RFC-less: the "PROXY protocol" of HAProxy, versions 1 and 2. */
export type ProxyHeader =
  | { readonly kind: "proxied"; readonly source: ProxyEnd; readonly destination: ProxyEnd }
  /** The proxy speaks for itself (health check, UNKNOWN): the connection's own addresses stand. */
  | { readonly kind: "local" };
export type ProxyEnd = { readonly address: IpAddress; readonly port: number };

export type ProxyParse =
  | { readonly kind: "header"; readonly header: ProxyHeader; readonly length: number }
  | { readonly kind: "incomplete" }
  | { readonly kind: "invalid" };

const V1_OCTETS_MAX = 107;
const V2_SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** Addresses take 12 or 36 octets; the rest are TLVs nobody here reads. */
const V2_BODY_OCTETS_MAX = 2048;

/** Reads a version 1 or 2 header from the beginning of a connection. Total: anything else is `invalid`. */
export function parseProxyHeader(octets: Buffer): ProxyParse {
  const probe = octets.subarray(0, V2_SIGNATURE.length);
  if (V2_SIGNATURE.subarray(0, probe.length).equals(probe)) {
    return octets.length < 16 ? { kind: "incomplete" } : parseV2(octets);
  }
  return parseV1(octets);
}

function parseV1(octets: Buffer): ProxyParse {
  const start = octets.subarray(0, 6).toString("latin1");
  if (!"PROXY ".startsWith(start)) return { kind: "invalid" };
  const end = octets.subarray(0, V1_OCTETS_MAX).indexOf("\r\n");
  if (end < 0) return octets.length >= V1_OCTETS_MAX ? { kind: "invalid" } : { kind: "incomplete" };
  const [, family, source = "", destination = "", sourcePort = "", destinationPort = "", extra] = octets
    .toString("latin1", 0, end)
    .split(" ");
  const length = end + 2;
  if (family === "UNKNOWN") return { kind: "header", header: { kind: "local" }, length };
  if ((family !== "TCP4" && family !== "TCP6") || extra !== undefined) return { kind: "invalid" };
  const from = proxyEnd(source, sourcePort);
  const to = proxyEnd(destination, destinationPort);
  if (!from || !to) return { kind: "invalid" };
  return { kind: "header", header: { kind: "proxied", source: from, destination: to }, length };
}

function parseV2(octets: Buffer): ProxyParse {
  const command = octets.readUInt8(12);
  const family = octets.readUInt8(13);
  const bodyLength = octets.readUInt16BE(14);
  if (command >> 4 !== 2 || bodyLength > V2_BODY_OCTETS_MAX) return { kind: "invalid" };
  const length = 16 + bodyLength;
  if (octets.length < length) return { kind: "incomplete" };
  if ((command & 0x0f) === 0) return { kind: "header", header: { kind: "local" }, length };
  if ((command & 0x0f) !== 1) return { kind: "invalid" };
  const body = octets.subarray(16, length);
  if (family === 0x11 && bodyLength >= 12) return v2Ends(body, 4, length);
  if (family === 0x21 && bodyLength >= 36) return v2Ends(body, 16, length);
  if (family >> 4 === 0) return { kind: "header", header: { kind: "local" }, length };
  return { kind: "invalid" };
}

function v2Ends(body: Buffer, width: number, length: number): ProxyParse {
  const source = proxyEnd(addressText(body.subarray(0, width)), String(body.readUInt16BE(width * 2)));
  const destination = proxyEnd(
    addressText(body.subarray(width, width * 2)),
    String(body.readUInt16BE(width * 2 + 2)),
  );
  if (!source || !destination) return { kind: "invalid" };
  return { kind: "header", header: { kind: "proxied", source, destination }, length };
}

function addressText(octets: Buffer): string {
  if (octets.length === 4) return octets.join(".");
  return (octets.toString("hex").match(/.{4}/g) ?? []).join(":");
}

function proxyEnd(address: string, port: string): ProxyEnd | undefined {
  const parsed = parseIp(address);
  if (!parsed || !/^[0-9]{1,5}$/.test(port) || Number(port) > 65535) return undefined;
  return { address: parsed, port: Number(port) };
}
