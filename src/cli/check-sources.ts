import { once } from "node:events";
import { createServer } from "node:net";
import { parseIp } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";
import type { LocalAddress } from "../config/schema-outbound.ts";
import { hasFamily, sourceOf } from "../queue/source.ts";
import type { FileFinding } from "./check-files.ts";

/** Addresses that mail is to leave from: whether this machine has them, and whether the next hop can be reached from there. */
export async function sourceFindings({ outbound }: Config): Promise<readonly FileFinding[]> {
  const usual = ["outbound", "local_address"];
  const entries = outbound.transports.map(({ domain, host, local_address: own }, i) => ({
    domain,
    host,
    setting: own ?? outbound.local_address,
    own,
    key: ["outbound", "transports", String(i), own === undefined ? "host" : "local_address"],
  }));
  const missing = await Promise.all([
    missingOf(usual, outbound.local_address),
    ...entries.map(({ key, own }) => missingOf(key, own)),
  ]);
  const apart = entries.flatMap(({ key, domain, host, setting }): readonly FileFinding[] => {
    const family = parseIp(host ?? "")?.family;
    if (family === undefined || hasFamily(sourceOf([setting ?? []].flat()), family)) return [];
    const message = `the next hop for ${domain}, ${host}, cannot be reached from there: no local IPv${family} address is named`;
    return [{ severity: "error", key, message }];
  });
  return [...missing.flat(), ...apart];
}

async function missingOf(key: readonly string[], setting: LocalAddress): Promise<readonly FileFinding[]> {
  const found = await Promise.all(
    [setting ?? []].flat().map(async (address): Promise<readonly FileFinding[]> => {
      if (await isHere(address)) return [];
      const message = `this machine has no address ${address} (\`ip address\` shows those it has); mail would wait for ever`;
      return [{ severity: "error", key, message }];
    }),
  );
  return found.flat();
}

/** The kernel decides, as it will for connections: more is ours than the interfaces list (127.0.0.2). */
async function isHere(address: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host: address, port: 0 });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
