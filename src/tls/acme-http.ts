import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { rootCertificates } from "node:tls";
import { err, ok, type Result } from "../base/result.ts";

export type AcmeHttpRequest = {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  /** A JWS, as JSON. */
  readonly body?: string;
};
export type AcmeHttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
/** One request, one answer; the error says in the system's words why there is none. */
export type AcmeTransport = (
  request: AcmeHttpRequest,
  signal?: AbortSignal,
) => Promise<Result<AcmeHttpAnswer, string>>;

/** Authorities answer in a second or two; under load Let's Encrypt takes up to ten. */
const ANSWER_MS = 30_000;
/** The longest answer is a chain of certificates, below 20 kB. */
const ANSWER_OCTETS_MAX = 1 << 20;

/** HTTPS and nothing else; `ca` (PEM) is trusted beside the authorities that Node brings. RFC 8555 §6.1 */
export const acmeHttp =
  (ca?: string): AcmeTransport =>
  ({ method, url, body }, signal) =>
    new Promise((resolve) => {
      const deadline = AbortSignal.timeout(ANSWER_MS);
      const sent = request(
        url,
        {
          method,
          agent: false,
          minVersion: "TLSv1.2",
          signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
          headers: {
            "user-agent": "Wachpost (ACME client)",
            "accept-language": "en",
            ...(body === undefined
              ? {}
              : { "content-type": "application/jose+json", "content-length": Buffer.byteLength(body) }),
          },
          ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
        },
        (answer) => {
          void bodyOf(answer).then(
            (text) => {
              if (text !== undefined)
                return resolve(ok({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
              answer.destroy();
              resolve(err("the answer is too long"));
            },
            (error: unknown) => resolve(err(`the answer broke off: ${String(error)}`)),
          );
        },
      );
      sent.on("error", (error) => resolve(err(deadline.aborted ? "no answer in time" : error.message)));
      // Without a listener Node drops the connection and tells nobody.
      sent.on("upgrade", (_, socket) => {
        socket.destroy();
        resolve(err("the answer is 101"));
      });
      sent.end(body);
    });

async function bodyOf(answer: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of answer) {
    octets += chunk.length;
    if (octets > ANSWER_OCTETS_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
