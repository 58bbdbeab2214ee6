/** The world around a new server, of real parts: BIND for its zone, Unbound for everybody else, Pebble for certificates. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { nameAuthority } from "../tls/named-authority.ts";
import { pebbleMissing, startPebble, type Pebble } from "../tls/pebble.ts";
import { bindMissing, startBind, type Bind } from "./bind.ts";
import { startUnbound, unboundMissing } from "./unbound.ts";
import { DOMAIN, freePorts, Workshop } from "./workshop.ts";

export const worldMissing: string | false = bindMissing || unboundMissing || pebbleMissing;

/** What CAA records call the authority of this world. */
export const AUTHORITY = "ca.test";

export type World = {
  readonly shop: Workshop;
  readonly bind: Bind;
  readonly pebble: Pebble;
  readonly directoryUrl: string;
  readonly resolverPort: number;
  /** What an operator with such a DNS server would say. */
  readonly flags: readonly string[];
  readonly parts: {
    readonly dns: readonly string[];
    readonly update: readonly string[];
    readonly acme: readonly string[];
  };
} & AsyncDisposable;

export async function openWorld(): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const shop = opened.use(await Workshop.open());
  const [bindPort = 0, resolverPort = 0] = await freePorts(2);
  const bind = opened.use(await startBind(bindPort, DOMAIN));
  opened.use(await startUnbound(resolverPort, DOMAIN, bindPort, bind.anchorFile));
  // Authorities ask the servers of the zone and remember next to nothing.
  const pebble = opened.use(await startPebble({}, `127.0.0.1:${bindPort}`));
  const { directoryUrl } = opened.use(await nameAuthority(pebble, AUTHORITY));
  const stranger = createServer((socket) =>
    socket.on("error", () => {}).end("220 mx.stranger.test ESMTP\r\n"),
  );
  stranger.listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port: strangerPort } = stranger.address() as AddressInfo;
  opened.defer(() => void stranger.close());
  writeFileSync(shop.file("pebble-https.pem"), pebble.ca);
  writeFileSync(shop.file("pebble-root.pem"), await pebble.management("/roots/0"));
  const parts = {
    dns: [
      ["--dns", `127.0.0.1:${resolverPort}`, "--authoritative-port", String(bindPort)],
      ["--outside", `127.0.0.1:${strangerPort}`],
    ].flat(),
    update: ["--dns-update", `127.0.0.1:${bindPort}`, "--tsig", `setup-key:hmac-sha256:${bind.keyFile}`],
    acme: [
      ["--acme-directory", directoryUrl, "--acme-ca", shop.file("pebble-https.pem")],
      ["--trust", shop.file("pebble-root.pem")],
    ].flat(),
  };
  const flags = [...parts.dns, ...parts.update, ...parts.acme];
  const rest = opened.move();
  return {
    shop,
    bind,
    pebble,
    directoryUrl,
    resolverPort,
    flags,
    parts,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}
