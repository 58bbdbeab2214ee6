/** A short text over HTTPS from a server somebody else chose: nothing it says may reach further, or hold us up. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { addressesOf, httpsOptions, within, type PublicHttps } from "./public-https.ts";

/** Interim answers (RFC 9110 §15.2) nobody needs here; one who sends them without end is left. */
const INTERIM_MAX = 10;
/** Addresses tried; the others of a host would say the same. */
const ADDRESSES_MAX = 2;

export type WantedText = {
  readonly host: Domain;
  readonly path: string;
  /** Media types that will do. */
  readonly types: readonly string[];
  readonly octets_max: number;
  /** From the first connection to the last octet. */
  readonly duration_ms: number;
};

/** `certificate`: the server was reached, and is not who it should be. */
export type TextFailure = { readonly certificate: boolean; readonly detail: string };

/** Web PKI and name checked, no redirect followed, so many octets, so long, public addresses only. */
export async function fetchText(
  wanted: WantedText,
  https: PublicHttps,
  signal?: AbortSignal,
): Promise<Result<string, TextFailure>> {
  const addresses = await addressesOf(wanted.host, https, signal);
  const until = within(wanted.duration_ms, signal);
  let last: Result<string, TextFailure> = failed(`${wanted.host} has no address on the Internet`);
  for (const address of addresses.slice(0, ADDRESSES_MAX)) {
    last = await getText(wanted, address, https, until);
    if (last.ok) return last;
  }
  return last;
}

const failed = (detail: string, certificate = false): Result<never, TextFailure> =>
  err({ certificate, detail });

function getText(
  wanted: WantedText,
  address: IpAddress,
  https: PublicHttps,
  signal: AbortSignal,
): Promise<Result<string, TextFailure>> {
  const { host, path, types } = wanted;
  const { request, port = 443 } = https;
  const options = {
    ...httpsOptions(host, address, https, signal),
    path,
    headers: { host: port === 443 ? host : `${host}:${port}`, accept: types.join(", ") },
  };
  return new Promise((resolve) => {
    const sent = request(options, (response) => void bodyOf(response, wanted).then(resolve));
    sent.on("error", (error) =>
      resolve(failed(signal.aborted ? "no answer in time" : error.message, isOfCertificate(error))),
    );
    // Without a listener Node drops the connection and tells nobody.
    sent.on("upgrade", (_, socket: Duplex) => {
      socket.destroy();
      resolve(failed("the answer is 101"));
    });
    let interim = 0;
    sent.on("information", () => {
      if (++interim > INTERIM_MAX) sent.destroy(new Error("interim answers without end"));
    });
    sent.end();
  });
}

/** OpenSSL's and Node's words for a certificate that does not do. */
const CERTIFICATE_CODES =
  /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_)/;

const isOfCertificate = (error: Error): boolean =>
  CERTIFICATE_CODES.test((error as NodeJS.ErrnoException).code ?? "");

async function bodyOf(
  response: IncomingMessage,
  { types, octets_max }: WantedText,
): Promise<Result<string, TextFailure>> {
  const refuse = (detail: string): Result<never, TextFailure> => {
    response.destroy();
    return failed(detail);
  };
  if (response.statusCode !== 200) return refuse(`the answer is ${response.statusCode ?? "none"}`);
  const type = (response.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!types.includes(type)) return refuse(`the answer is not ${types.join(" or ")}`);
  const chunks: Buffer[] = [];
  let octets = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      octets += chunk.length;
      if (octets > octets_max) return refuse(`the answer is longer than ${octets_max / 1024} KB`);
      chunks.push(chunk);
    }
  } catch (error) {
    return refuse(`the answer broke off: ${String(error)}`);
  }
  return ok(Buffer.concat(chunks).toString("utf8"));
}
