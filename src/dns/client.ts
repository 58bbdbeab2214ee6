import { randomInt } from "node:crypto";
import type { Domain } from "../base/domain-name.ts";
import { isLoopback, parseIp } from "../base/ip.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";
import { interpret } from "./interpret.ts";
import { IN_FLIGHT_MAX, QUESTION_MS, TRY_MS } from "./limits.ts";
import { decodeMessage, encodeQuery, encodeUncheckedQuery, type DnsMessage } from "./message.ts";
import { TYPE_CODES } from "./record-types.ts";
import { askTcp, askUdp, type DnsServer } from "./transport.ts";

const TRIES = 3;

/**
 * A stub resolver: asks the servers in turn, three tries of two seconds, five seconds in all (D-47). The AD bit counts
 * only from a server on this machine: on any other way it could have been forged (RFC 6698 §7, T-48).
 */
export const dnsClient = (servers: readonly DnsServer[], over?: AbortSignal): Dns =>
  client({ servers, encode: encodeQuery }, over);

/** One that also hears what resolvers hold for forged or expired; for comparison only, never to act upon. RFC 4035 §3.2.2 */
export const uncheckedClient = (servers: readonly DnsServer[]): Dns =>
  client({ servers, encode: encodeUncheckedQuery });

type Way = { readonly servers: readonly DnsServer[]; readonly encode: typeof encodeQuery };

function client(way: Way, over?: AbortSignal): Dns {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  return {
    async query<T extends RecordType>(
      name: Domain,
      type: T,
      signal?: AbortSignal,
    ): Promise<DnsAnswer<RecordData[T]>> {
      if (inFlight >= IN_FLIGHT_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
      inFlight++;
      try {
        return await ask(way, name, type, bothOf(signal, over));
      } finally {
        inFlight--;
        waiting.shift()?.();
      }
    },
  };
}

async function ask<T extends RecordType>(
  { servers, encode }: Way,
  name: Domain,
  type: T,
  signal: AbortSignal | undefined,
): Promise<DnsAnswer<RecordData[T]>> {
  const end_ms = performance.now() + QUESTION_MS;
  let failure: DnsAnswer<RecordData[T]> = { kind: "failure", reason: "no-server" };
  for (let attempt = 0; attempt < TRIES && servers.length > 0; attempt++) {
    const server = servers[attempt % servers.length] as DnsServer;
    const left_ms = end_ms - performance.now();
    if (left_ms <= 0 || signal?.aborted) break;
    const id = randomInt(0x10000);
    const query = { id, name, type, octets: encode(id, name, type) };
    const message = await exchange(server, query, Math.min(TRY_MS, left_ms), signal);
    if (typeof message === "string") failure = { kind: "failure", reason: message };
    else {
      const answer = interpret(message, name, type, isOnThisMachine(server));
      // Another server may know better than one that refuses or fails.
      if (answer.kind !== "failure") return answer;
      failure = answer;
    }
  }
  return failure;
}

const bothOf = (a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined =>
  a === undefined || b === undefined ? (a ?? b) : AbortSignal.any([a, b]);

type Query = {
  readonly id: number;
  readonly name: Domain;
  readonly type: RecordType;
  readonly octets: Buffer;
};

/** One try; a text says why there is no answer. */
async function exchange(
  server: DnsServer,
  { id, name, type, octets: query }: Query,
  deadline_ms: number,
  signal: AbortSignal | undefined,
): Promise<DnsMessage | string> {
  const answers = (message: DnsMessage | undefined): boolean =>
    message !== undefined &&
    message.response &&
    message.id === id &&
    message.question?.name === name &&
    message.question.type === TYPE_CODES[type];
  const datagram = await askUdp(
    server,
    query,
    (octets) => answers(decodeMessage(octets)),
    deadline_ms,
    signal,
  );
  if (datagram.kind !== "packet") return datagram.kind;
  const message = decodeMessage(datagram.octets);
  if (message !== undefined && !message.truncated) return message;
  const whole = await askTcp(server, query, deadline_ms, signal);
  if (whole.kind !== "packet") return whole.kind;
  const long = decodeMessage(whole.octets);
  return long !== undefined && answers(long) ? long : "malformed";
}

function isOnThisMachine(server: DnsServer): boolean {
  const address = parseIp(server.address);
  return address !== undefined && isLoopback(address);
}
