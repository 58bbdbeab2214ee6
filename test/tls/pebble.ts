/** Pebble, the ACME server for tests, and its DNS server, on loopback. Debian: `apt-get install pebble openssl`. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diesWithUs } from "../setup/dies-with-us.ts";
import { acmeHttp } from "../../src/tls/acme-http.ts";
import { createAuthority, issueCertificate } from "../../src/tls/certificate.ts";

const DAY_MS = 86_400_000;

/** What to install, or false where everything is there. */
export const pebbleMissing: string | false = ["pebble", "pebble-challtestsrv"].some(
  (program) => spawnSync(program, ["-h"]).error !== undefined,
)
  ? "pebble is not installed: apt-get install pebble"
  : false;

export type Pebble = {
  readonly directoryUrl: string;
  readonly port: number;
  /** PEM of the authority that signed Pebble's own HTTPS certificate. */
  readonly ca: string;
  /** A certificate for localhost of the same authority, for servers of the test. */
  readonly server: { readonly key: string; readonly certificate: string };
  readonly httpPort: number;
  readonly tlsPort: number;
  /** GET on the management interface: `/roots/0`, `/cert-status-by-serial/…`. */
  management(path: string): Promise<string>;
  /** Changes the DNS server's answers: `set-txt`, `add-a`, `set-servfail`. */
  dns(command: string, body: object): Promise<void>;
  /** Ends the authority; `start` begins it anew, without memory. */
  stop(): Promise<void>;
  start(): Promise<void>;
} & AsyncDisposable;

/** `resolver`: ADDRESS:PORT it asks instead of its own DNS server. */
export async function startPebble(
  environment: Readonly<Record<string, string>> = {},
  resolver?: string,
): Promise<Pebble> {
  const directory = await mkdtemp(join(tmpdir(), "wachpost-pebble-"));
  const [port, management, httpPort, tlsPort, dnsPort, dnsManagement] = await freePorts(6);
  const span = { notBefore_ms: Date.now() - DAY_MS, notAfter_ms: Date.now() + DAY_MS };
  const authority = createAuthority({ subject: "Pebble HTTPS", names: [], ...span });
  const server = issueCertificate(
    { subject: "localhost", names: ["localhost", "127.0.0.1"], ...span },
    authority,
    "Pebble HTTPS",
  );
  const file = (name: string): string => join(directory, name);
  await writeFile(file("server.pem"), server.certificate);
  await writeFile(file("key.pem"), server.key);
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: file("server.pem"),
    privateKey: file("key.pem"),
    httpPort,
    tlsPort,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  await writeFile(file("pebble.json"), JSON.stringify({ pebble }));
  const dns = spawn(
    ...diesWithUs(
      "pebble-challtestsrv",
      [
        ["-defaultIPv6", ""],
        ["-http01", ""],
        ["-https01", ""],
        ["-tlsalpn01", ""],
        ["-dns01", `127.0.0.1:${dnsPort}`],
        ["-management", `127.0.0.1:${dnsManagement}`],
      ].flat(),
    ),
    { stdio: "ignore" },
  );
  const get = acmeHttp(authority.certificate);
  const directoryUrl = `https://localhost:${port}/dir`;
  let running: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    running = spawn(
      ...diesWithUs("pebble", [
        "-strict",
        "-config",
        file("pebble.json"),
        "-dnsserver",
        resolver ?? `127.0.0.1:${dnsPort}`,
      ]),
      { stdio: "ignore", env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", ...environment } },
    );
    await answers(async () => (await get({ method: "GET", url: directoryUrl })).ok);
  };
  const stop = async (): Promise<void> => await end(running);
  await start();
  await answers(async () => {
    await fetch(`http://127.0.0.1:${dnsManagement}/`);
    return true;
  });
  return {
    directoryUrl,
    port,
    ca: authority.certificate,
    server,
    httpPort,
    tlsPort,
    management: async (path) => {
      const answer = await get({ method: "GET", url: `https://localhost:${management}${path}` });
      if (!answer.ok) throw new Error(answer.error);
      return answer.value.body;
    },
    dns: async (command, body) => {
      const answer = await fetch(`http://127.0.0.1:${dnsManagement}/${command}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${command}: ${answer.status}`);
    },
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await Promise.all([stop(), end(dns)]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const START_MS = 20_000;

async function answers(ask: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + START_MS; Date.now() < until;) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Pebble does not answer");
}

async function freePorts(count: number): Promise<[number, number, number, number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number, number, number, number];
}
