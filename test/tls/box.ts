/** The internet in a box for outgoing mail: a store, the queue, a resolver, mail servers and a policy server, all on loopback. */
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses } from "../../src/accounts/addresses.ts";
import { systemClock } from "../../src/base/clock.ts";
import { MemoryLog, silentLog } from "../../src/base/log.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { scan } from "../../src/message/mime.ts";
import { startOutbound, type Outbound } from "../../src/mta/outbound.ts";
import { defaultQueuePolicy } from "../../src/queue/schedule.ts";
import type { Transport } from "../../src/queue/transport.ts";
import { connectRemote } from "../../src/smtp/client.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import type { NewQueueEntry, Store } from "../../src/store/store.ts";
import { mtaStsPolicies, type MtaSts } from "../../src/tls/mta-sts-cache.ts";
import { mtaStsFetch } from "../../src/tls/mta-sts-fetch.ts";
import { TlsrptTally, type TlsrptDay } from "../../src/tls/tlsrpt-tally.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { PolicyServer } from "./policy-server.ts";
import { authority, certificateFor, RemoteServer } from "./remote-server.ts";

const PATIENCE_MS = 20_000;

/** How a message went: what became of it, what protected it, what the log says of the reply. */
export type Fate = {
  readonly result: "sent" | "deferred" | "failed";
  readonly security: string;
  readonly reply: string;
};

export class Box {
  readonly log = new MemoryLog();
  readonly tally = new TlsrptTally();
  /** Where the connections came from whose failures `counted` told last. */
  sources: readonly (string | undefined)[] = [];
  readonly mx: RemoteServer;
  readonly backup: RemoteServer;
  readonly policies: PolicyServer;
  readonly store: Store;
  readonly dns: Awaited<ReturnType<typeof startDnsServer>>;
  readonly mtaSts: MtaSts;
  readonly #outbound: Outbound;
  readonly #directory: string;
  #count = 0;

  private constructor(
    parts: Pick<Box, "mx" | "backup" | "policies" | "store" | "dns">,
    directory: string,
    transports: (port: number) => readonly Transport[],
  ) {
    ({ mx: this.mx, backup: this.backup, policies: this.policies, store: this.store, dns: this.dns } = parts);
    this.#directory = directory;
    const dns = dnsClient([{ address: "127.0.0.1", port: this.dns.port }]);
    const ca = [authority.certificate];
    const { directory: settings } = this.store;
    this.mtaSts = mtaStsPolicies({
      dns,
      fetch: mtaStsFetch({ dns, request, port: this.policies.port, ca, allowLoopback: true }),
      clock: systemClock,
      memory: {
        get: (domain) => settings.setting(`mta-sts:${domain}`),
        put: (domain, text) => settings.putSetting(`mta-sts:${domain}`, text),
      },
      log: this.log,
    });
    this.#outbound = startOutbound({
      store: this.store,
      addresses: addresses(this.store),
      dns,
      connect: connectRemote,
      clock: systemClock,
      random: () => 0,
      log: this.log,
      hostName: "mail.ours.test",
      policy: defaultQueuePolicy,
      transports: transports(this.mx.port),
      ownAddresses: ["127.0.0.99"],
      smtpPort: this.mx.port,
      tlsOptions: { ca },
      mtaSts: this.mtaSts,
      tlsReports: this.tally,
      concurrency: { total: 20, perDestination: 5 },
    });
  }

  /** `authenticated`: the resolver vouches for every answer. The mail server is 127.0.0.2, the backup 127.0.0.3. */
  static async open(
    authenticated: boolean,
    transports: (port: number) => readonly Transport[] = () => [],
  ): Promise<Box> {
    const directory = mkdtempSync(join(tmpdir(), "wachpost-tls-"));
    const mx = await RemoteServer.start(certificateFor("unset.test"), "127.0.0.2");
    const backup = await RemoteServer.start(certificateFor("unset.test"), "127.0.0.3", mx.port);
    const policies = await PolicyServer.start(certificateFor("unset.test"));
    const store = await openStore({ directory, clock: systemClock, log: silentLog });
    const dns = await startDnsServer({ zone: "", authenticated });
    return new Box({ mx, backup, policies, store, dns }, directory, transports);
  }

  /** Sends one message to `a@domain` and waits for the end of its first try. */
  async send(domain: string, more: Partial<NewQueueEntry> = {}): Promise<Fate> {
    const id = await this.queue(domain, more);
    for (const end_ms = Date.now() + PATIENCE_MS; Date.now() < end_ms;) {
      const event = this.log.events.find(
        (one) => /^delivery\.(sent|deferred|failed)$/.test(one.event) && one.fields["queue"] === id,
      );
      if (event !== undefined) {
        const { security, reply } = event.fields;
        const result = event.event.slice("delivery.".length) as Fate["result"];
        return { result, security: String(security ?? "-"), reply: String(reply) };
      }
      await systemClock.sleep(5);
    }
    throw new Error(`no end of ${id}: ${JSON.stringify(this.log.events)}`);
  }

  /** The server ends, and cuts off what is under way. */
  stop(): Promise<void> {
    return this.#outbound.close(0);
  }

  /** `send` without waiting for what becomes of it. */
  async queue(domain: string, more: Partial<NewQueueEntry> = {}): Promise<string> {
    const id = `q${++this.#count}`;
    const octets = Buffer.from("Received: by mail.ours.test; now\r\nSubject: Hi\r\n\r\nHello\r\n");
    const now_ms = Date.now();
    await this.store.mail.deliver({
      source: { kind: "octets", octets },
      outline: scan(octets),
      received_ms: now_ms,
      copies: [],
      queue: {
        id,
        from: "",
        smtpUtf8: false,
        body: "7BIT",
        created_ms: now_ms,
        recipients: [{ address: `a@${domain}` }],
        ...more,
      },
    });
    this.#outbound.wake();
    return id;
  }

  events(event: string): readonly Readonly<Record<string, unknown>>[] {
    return this.log.events.filter((one) => one.event === event).map(({ fields }) => fields);
  }

  /** What was counted so far, as a report tomorrow would have it: `domain type successes/failures result,result`. */
  counted(): readonly string[] {
    const days: readonly TlsrptDay[] = this.tally.take();
    const details = days.flatMap(({ policies }) => policies.flatMap((one) => one.details));
    this.sources = details.map(({ from }) => from);
    return days.flatMap(({ domain, policies }) =>
      policies.map(({ policy, successes, failures, details }) =>
        [domain, policy.type, `${successes}/${failures}`, ...details.map(({ result }) => result)].join(" "),
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outbound.close(1000);
    this.dns.close();
    this.policies[Symbol.dispose]();
    this.mx[Symbol.dispose]();
    this.backup[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The line of a zone that pins the key of a certificate. */
export function tlsaLine(name: string, usage: number, pem: string, matching = 1): string {
  const whole = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  const digest = createHash(matching === 1 ? "sha256" : "sha512")
    .update(whole)
    .digest("hex");
  return `_25._tcp.${name} TLSA ${usage} 1 ${matching} ${digest}`;
}
