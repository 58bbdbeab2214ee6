import { createSocket } from "node:dgram";
import { parseIp } from "../base/ip.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import { SendingNames } from "../mta/sending-names.ts";
import { repeat } from "./repeat.ts";

/** The shortest that `SendingNames` wants to wait. */
const MINUTE_MS = 60_000;

export type KeptSendingNames = AsyncDisposable & { readonly names: SendingNames };

/** Looks after the names of the IPv6 addresses mail leaves from, at the start and when what was learnt has run out. */
export function keepSendingNames(
  { outbound }: Config,
  { dns, clock, log }: { readonly dns: Dns; readonly clock: Clock; readonly log: Log },
): KeptSendingNames {
  const settings = [outbound.local_address, ...outbound.transports.map((one) => one.local_address)];
  const configured = settings
    .flatMap((setting) => setting ?? [])
    .flatMap((text) => parseIp(text) ?? [])
    .flatMap(({ family, text }) => (family === 6 ? [text] : []));
  const usual = outbound.local_address === undefined ? () => outgoing(6) : () => Promise.resolve(undefined);
  const names = new SendingNames({
    dns,
    log,
    configured,
    usual,
    hasIpv4: async () => (await outgoing(4)) !== undefined,
  });
  let looked_ms = 0;
  let pause_ms = 0;
  const look = async (signal: AbortSignal): Promise<void> => {
    const since_ms = clock.now() - looked_ms;
    // A clock that was set back is no reason to wait longer.
    if (since_ms >= 0 && since_ms < pause_ms) return;
    pause_ms = await names.look(signal);
    looked_ms = clock.now();
  };
  const looking = repeat("sending-names", MINUTE_MS, look, { clock, log });
  return { names, [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose]() };
}

/** Somewhere on the Internet; nothing is sent there. */
const ANYWHERE = { 4: "8.8.8.8", 6: "2001:4860:4860::8888" } as const;
const DNS_PORT = 53;

/** The address the system takes towards the Internet: connecting a UDP socket decides it, and sends nothing. */
function outgoing(family: 4 | 6): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(`udp${family}`);
    const end = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once("error", () => end(undefined));
    socket.once("connect", () => end(parseIp(socket.address().address)?.text));
    socket.connect(DNS_PORT, ANYWHERE[family]);
  });
}
