/** The world of a trial: a name server on loopback that knows one well-behaved stranger and nobody else. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Domain } from "../base/domain-name.ts";
import { decodeMessage, type DnsMessage } from "../dns/message.ts";
import { TYPE_CODES } from "../dns/record-types.ts";
import { encodeName } from "../dns/wire-name.ts";

const DOMAIN = "stranger.wachpost.test";
const HOST = `mx.${DOMAIN}`;

/** A mail server that does all right: its names agree, its domain takes mail, SPF speaks for it. RFC 5737 §3 */
export const STRANGER = { address: "198.51.100.25", host: HOST, sender: `someone@${DOMAIN}` } as const;
/** The domain of the trial itself. */
export const TRIAL_DOMAIN = "trial.wachpost.test";
export const ELSEWHERE = "someone@elsewhere.wachpost.test";

const TTL_S = 60;
const [NO_ERROR, NO_NAME] = [0, 3];
const QUERY_OCTETS_MAX = 512;
/** Response, authoritative, recursion as asked for and available. RFC 1035 §4.1.1 */
const FLAGS = 0x8580;

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
const named = (name: string): Buffer => encodeName(name as Domain);
const text = (content: string): Buffer =>
  Buffer.concat([Buffer.from([content.length]), Buffer.from(content)]);
const address = Buffer.from(STRANGER.address.split(".").map(Number));
const reverse = `${STRANGER.address.split(".").toReversed().join(".")}.in-addr.arpa`;

type Type = keyof typeof TYPE_CODES;
const ZONE: readonly (readonly [name: string, type: Type, data: Buffer])[] = [
  [HOST, "A", address],
  [reverse, "PTR", named(HOST)],
  [DOMAIN, "A", address],
  [DOMAIN, "MX", Buffer.concat([u16(10), named(HOST)])],
  [DOMAIN, "TXT", text(`v=spf1 ip4:${STRANGER.address} -all`)],
  [HOST, "TXT", text(`v=spf1 ip4:${STRANGER.address} -all`)],
];

/** No list names the stranger, no authority vouches for him, and nobody in the real world is asked. */
export async function startTrialWorld(): Promise<Disposable & { readonly port: number }> {
  const socket = createSocket("udp4");
  socket.on("message", (octets, peer) => {
    const answer = octets.length > QUERY_OCTETS_MAX ? undefined : answerTo(decodeMessage(octets));
    if (answer !== undefined) socket.send(answer, peer.port, peer.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, [Symbol.dispose]: () => void socket.close() };
}

function answerTo(query: DnsMessage | undefined): Buffer | undefined {
  if (query?.question === undefined || query.response) return undefined;
  const { name, type } = query.question;
  const found = ZONE.filter(([owner, kind]) => owner === name && TYPE_CODES[kind] === type);
  const isThere = ZONE.some(([owner]) => owner === name || owner.endsWith(`.${name}`));
  const header = [query.id, FLAGS | (isThere ? NO_ERROR : NO_NAME), 1, found.length, 0, 0].map(u16);
  const records = found.map(([owner, kind, data]) =>
    Buffer.concat([named(owner), u16(TYPE_CODES[kind]), u16(1), u16(0), u16(TTL_S), u16(data.length), data]),
  );
  return Buffer.concat([...header, named(name), u16(type), u16(1), ...records]);
}
