import { X509Certificate } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../base/clock.ts";
import { parseCidr } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";
import { ownPolicyOf } from "../doctor/own-policy.ts";
import { FreeDisk } from "../mta/free-disk.ts";
import type { Listener } from "../net/listener.ts";
import type { Store } from "../store/store.ts";
import type { ServedCertificate } from "../tls/certificate-served.ts";
import type { Counters } from "../web/counters.ts";
import { WEB_LIMITS } from "../web/limits.ts";
import { mailSettings } from "../web/mail-settings.ts";
import type { MetricFamily } from "../web/open-metrics.ts";
import type { Readiness, WebRooms } from "../web/rooms.ts";
import type { Carrier } from "./carrier.ts";
import type { RoundFigures } from "./round-figures.ts";

export type WebTools = {
  readonly store: Store;
  readonly carrier: Carrier;
  readonly certificate: ServedCertificate;
  readonly counters: Counters;
  readonly figures: RoundFigures;
  /** The open doors. */
  readonly listeners: readonly Listener[];
  readonly clock: Clock;
};

/** What the web door may ask of the running server. */
export function webRooms(config: Config, tools: WebTools): WebRooms {
  const { hostname, listeners, web } = config;
  const { port } = listeners.web;
  return {
    settings: mailSettings(config),
    isOurs: async (domain) => tools.store.directory.hasDomain(domain),
    policy: ownPolicyOf(config),
    origin: `https://${hostname}${port === HTTPS_PORT ? "" : `:${port}`}`,
    watchers: web.metrics_networks.flatMap((text) => parseCidr(text) ?? []),
    readiness: readinessOf(config, tools),
    families: familiesOf(tools),
  };
}

const HTTPS_PORT = 443;

export function readinessOf(
  config: Config,
  tools: Pick<WebTools, "store" | "carrier" | "certificate" | "clock">,
): () => Promise<readonly Readiness[]> {
  const { store, carrier, certificate, clock } = tools;
  const disk = new FreeDisk(config.data, config.limits.disk_free_percent, clock);
  const expiry = expiryOf(certificate);
  return async () => {
    const answers = await within(store.directory.setting("ready"), WEB_LIMITS.ready_ms);
    const quiet_ms = clock.now() - carrier.looked_ms;
    const full = await disk.refusal();
    return [
      { name: "store", ok: answers, detail: "it does not answer" },
      {
        name: "queue",
        ok: quiet_ms < WEB_LIMITS.queueQuiet_ms,
        detail: "it has not been looked through lately",
      },
      { name: "disk", ok: full === undefined, detail: "too little space is left" },
      { name: "certificate", ok: expiry() > clock.now(), detail: "it has expired" },
    ];
  };
}

/** True where it resolves in time. */
async function within(work: Promise<unknown>, limit_ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => void (timer = setTimeout(() => resolve(false), limit_ms)));
  const done = work.then(
    () => true,
    () => false,
  );
  return await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** Reads the certificate of the moment once for each that comes. */
function expiryOf(served: ServedCertificate): () => number {
  let known: { readonly text: string; readonly notAfter_ms: number } | undefined;
  return () => {
    const text = served.current().certificate;
    if (known?.text !== text) known = { text, notAfter_ms: new X509Certificate(text).validToDate.getTime() };
    return known.notAfter_ms;
  };
}

/** The delay of the event loop is sampled this often. */
const LOOP_SAMPLE_MS = 20;
/** What is measured is the time between two samples. */
const late_s = (between_ns: number): number => Math.max(0, between_ns / 1e9 - LOOP_SAMPLE_MS / 1000);

function familiesOf({ store, certificate, counters, figures, listeners, clock }: WebTools) {
  const started_ms = clock.now();
  const expiry = expiryOf(certificate);
  const delay = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  return async (): Promise<readonly MetricFamily[]> => {
    // Measured from the first reading on: where nobody reads, nothing is sampled.
    delay.enable();
    const loop = { p99: late_s(delay.percentile(99)), max: late_s(delay.max) };
    delay.reset();
    const length = await store.queue.queueLength();
    return [
      ...counters.families(),
      ...figures.families(),
      gauge("wachpost_queue_messages", "Messages waiting to be delivered.", length),
      {
        name: "wachpost_open_sessions",
        type: "gauge",
        help: "Connections open at each listener.",
        samples: sessionsOf(listeners),
      },
      {
        name: "wachpost_event_loop_delay_seconds",
        type: "gauge",
        help: "How late timers ran since the last reading.",
        samples: [
          { labels: { quantile: "0.99" }, value: loop.p99 },
          { labels: { quantile: "1" }, value: loop.max },
        ],
      },
      gauge(
        "wachpost_certificate_expiry_timestamp_seconds",
        "End of the certificate being served.",
        expiry() / 1000,
      ),
      gauge("wachpost_start_timestamp_seconds", "When the server started.", started_ms / 1000),
      gauge("wachpost_memory_bytes", "Resident memory of the process.", process.memoryUsage.rss()),
    ];
  };
}

const gauge = (name: string, help: string, value: number): MetricFamily => ({
  name,
  type: "gauge",
  help,
  samples: [{ labels: {}, value }],
});

/** A listener on two addresses is one. */
function sessionsOf(listeners: readonly Listener[]): MetricFamily["samples"] {
  const sums = new Map<string, number>();
  for (const { name, sessions } of listeners) sums.set(name, (sums.get(name) ?? 0) + sessions);
  return [...sums].map(([listener, value]) => ({ labels: { listener }, value }));
}
