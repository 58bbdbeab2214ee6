import type { IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { printable } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import { request as plainRequest } from "../net/node-http.ts";
import { ALERT_LIMITS } from "./limits.ts";
import type { Post } from "./webhook.ts";

/**
 * Sends to an address the operator wrote into the configuration, which may be one of his own network. No redirect is
 * followed, the answer is looked at no further than its status (D-46). The error says why not.
 */
export function send(
  url: string,
  post: Post | undefined,
  signal?: AbortSignal,
): Promise<Result<undefined, string>> {
  const deadline = AbortSignal.timeout(ALERT_LIMITS.post_ms);
  const until = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  return new Promise((resolve) => {
    const fail = (detail: string): void => resolve(err(printable(detail, 200)));
    const onResponse = (response: IncomingMessage): void => {
      const status = response.statusCode ?? 0;
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > ALERT_LIMITS.answer_octets) response.destroy();
      });
      response.on("error", () => {});
      response.on("close", () => {
        if (status >= 200 && status < 300) resolve(ok(undefined));
        else
          fail(
            `the answer was ${status}${status >= 300 && status < 400 ? ", and redirects are not followed" : ""}`,
          );
      });
    };
    const begin = url.startsWith("https:") ? tlsRequest : plainRequest;
    const request = begin(
      url,
      {
        method: post === undefined ? "GET" : "POST",
        agent: false,
        signal: until,
        headers:
          post === undefined ? {} : { ...post.headers, "content-length": Buffer.byteLength(post.body) },
      },
      onResponse,
    );
    request.on("error", (error) =>
      fail(deadline.aborted ? `no answer within ${ALERT_LIMITS.post_ms / 1000} seconds` : error.message),
    );
    request.end(post?.body);
  });
}
