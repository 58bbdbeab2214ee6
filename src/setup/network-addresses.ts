import { networkInterfaces } from "node:os";
import { parseIp } from "../base/ip.ts";
import { isPublicAddress } from "../tls/public-address.ts";

/** Public addresses of this machine's interfaces. */
export const ownPublicAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .flatMap(({ address }) => parseIp(address) ?? [])
    .filter(isPublicAddress)
    .map(({ text }) => text);
