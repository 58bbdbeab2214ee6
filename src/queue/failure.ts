import { printable } from "../base/ascii.ts";
import type { RemoteFailure } from "../smtp/remote.ts";
import { reply, type Reply } from "../smtp/reply.ts";

/** RFC 3463 §3.5, §3.6: what kept us from talking, as detail under class 4 or 5. */
const DETAILS: Readonly<Record<RemoteFailure["kind"], string>> = {
  connect: "4.1",
  timeout: "4.2",
  closed: "4.2",
  greeting: "3.2",
  protocol: "5.0",
  tls: "7.5",
  login: "7.8",
  unsupported: "6.3",
};

/**
 * What recipients get when there was no conversation: the remote's own reply where it gave one that decides, else our
 * words. A refused login or TLS is the fault of a machine or its operator, so the message waits instead of going back.
 */
export function failureReply(host: string, failure: RemoteFailure): Reply {
  const { kind, detail, reply: said } = failure;
  const temporary = failure.temporary || failure.ambiguous || kind === "login" || kind === "tls";
  if (said !== undefined && said.code >= 400 && said.code < 500 === temporary) return said;
  const enhanced = DETAILS[kind];
  const text = printable(`${host}: ${detail}`);
  return temporary
    ? reply(451, `4.${enhanced}`, text, `remote-${kind}`)
    : reply(554, `5.${enhanced}`, text, `remote-${kind}`);
}
