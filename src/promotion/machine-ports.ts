/** Whether the doors of a configuration can be opened on this machine, beside the server that runs. */
import { createServer } from "node:net";
import type { Config } from "../config/schema.ts";
import { portHolder } from "../net/port-holder.ts";
import { bad, good, type Looked } from "./looked.ts";
import { openDoors } from "./trial-settings.ts";

type Place = { readonly address: string; readonly port: number; readonly door: string };

const placesOf = (config: Config): readonly Place[] =>
  openDoors(config).flatMap((door) =>
    config.listeners[door].addresses.map((address) => ({ address, port: config.listeners[door].port, door })),
  );
const shown = ({ address, port, door }: Place): string => `${address}:${port} (${door})`;

/** `serverPid`: of the server that runs with the settings of now; what it holds it will give up. */
export async function lookAtPorts(config: Config, serverPid: number | undefined): Promise<readonly Looked[]> {
  const places = placesOf(config);
  const twice = places.find((one, i) =>
    places.some((other, k) => k < i && other.port === one.port && other.address === one.address),
  );
  if (twice !== undefined) return [bad("ports", shown(twice), "port-twice", { place: shown(twice) })];
  const looked: Looked[] = [];
  for (const place of places) looked.push(...(await lookAt(place, serverPid)));
  return looked.length > 0 ? looked : [good("ports", places.map(shown).join(", "))];
}

async function lookAt(place: Place, serverPid: number | undefined): Promise<readonly Looked[]> {
  const code = await bindError(place);
  if (code === undefined) return [];
  const values = { place: shown(place), code };
  if (code === "EACCES") return [bad("ports", shown(place), "port-not-allowed", values, "unknown")];
  if (code !== "EADDRINUSE") return [bad("ports", `${shown(place)}: ${code}`, "port-impossible", values)];
  const holder = await portHolder(place.port);
  if (serverPid !== undefined && holder?.endsWith(`(pid ${serverPid})`) === true) return [];
  // Other users' processes cannot be looked into: then it is the server's own, if it has such a door.
  if (holder === undefined && serverPid !== undefined)
    return [bad("ports", shown(place), "port-holder-unknown", values, "unknown")];
  return [bad("ports", shown(place), "port-in-use", { ...values, holder: holder ?? "another process" })];
}

function bindError({ address, port }: Place): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address, port, ipv6Only: address.includes(":") }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
