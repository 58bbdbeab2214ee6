/** Pebble's directory as an authority gives it that says what CAA calls it, which Pebble does not. RFC 8555 §7.1.1 */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Pebble } from "./pebble.ts";

const PATHS = {
  keyChange: "rollover-account-key",
  newAccount: "sign-me-up",
  newNonce: "nonce-plz",
  newOrder: "order-plz",
  revokeCert: "revoke-cert",
};

export async function nameAuthority(
  { server, port: pebblePort }: Pick<Pebble, "server" | "port">,
  name: string,
  { port = 0, ahead_s = (): number => 0 } = {},
): Promise<{ readonly directoryUrl: string } & Disposable> {
  const urls = Object.entries(PATHS).map(([key, path]) => [key, `https://localhost:${pebblePort}/${path}`]);
  const directory = createServer({ key: server.key, cert: server.certificate }, (_, response) => {
    response.setHeader("date", new Date(Date.now() + ahead_s() * 1000).toUTCString());
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ...Object.fromEntries(urls), meta: { caaIdentities: [name] } }));
  });
  directory.listen(port, "127.0.0.1");
  await once(directory, "listening");
  const { port: at } = directory.address() as AddressInfo;
  return {
    directoryUrl: `https://localhost:${at}/dir`,
    [Symbol.dispose]: () => void directory.close(),
  };
}
