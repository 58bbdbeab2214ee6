import { X509Certificate } from "node:crypto";
import type { Addresses } from "../accounts/contract.ts";
import type { Forwarding } from "../accounts/forwarding.ts";
import { oldPasswords } from "../accounts/old-passwords.ts";
import { passwordAges } from "../accounts/standing.ts";
import { AlertBook } from "../alerts/book.ts";
import { conditions, type AlertBounds, type AlertFacts } from "../alerts/conditions.ts";
import { pingFailed } from "../alerts/events.ts";
import { ALERT_LIMITS } from "../alerts/limits.ts";
import { send } from "../alerts/post.ts";
import { Teller } from "../alerts/tell.ts";
import { lastBackup } from "../backup/state.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { clockInDoubt } from "../mailbox/expiry.ts";
import type { BulkWatch } from "../mta/bulk-watch.ts";
import type { TlsFailures } from "../mta/reports/tls-alarm.ts";
import { pendingUpdate, readUpdateState, UPDATE_SETTING } from "../upgrade/update-state.ts";
import { programVersion } from "../base/program-version.ts";
import { freePercent } from "../mta/free-disk.ts";
import type { SendingNames } from "../mta/sending-names.ts";
import type { Store } from "../store/store.ts";
import type { ServedCertificate } from "../tls/certificate-served.ts";
import { announce } from "./announce.ts";
import type { KeptCertificate } from "./certificate.ts";
import type { Readiness } from "../web/rooms.ts";
import { repeat } from "./repeat.ts";

/** Alerts that have been told, for the next process. */
const BOOK = "alerts";
const HOUR_MS = 3_600_000;

export type AlertTools = {
  readonly store: Store;
  readonly addresses: Addresses;
  readonly certificate: ServedCertificate & Pick<KeptCertificate, "tlsa" | "status">;
  /** DNS lists that are switched off. */
  readonly deadLists: () => readonly string[];
  readonly forwarding: Pick<Forwarding, "circles">;
  readonly sending: Pick<SendingNames, "unnamed">;
  readonly bulk: Pick<BulkWatch, "bulkSenders">;
  readonly tlsFailures: () => readonly TlsFailures[];
  readonly readiness: () => Promise<readonly Readiness[]>;
  readonly wakeQueue: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Looks every minute, tells what has changed, and tells a watcher outside that all is well for as long as it is. */
export function startAlerts(config: Config, tools: AlertTools): AsyncDisposable {
  const { clock, log } = tools;
  const over = new AbortController();
  const looking = repeat("alerts", ALERT_LIMITS.look_ms, looker(config, tools, over.signal), { clock, log });
  const pinging = repeat("ping", config.alerts.ping_s * 1000, pinger(config, tools, over.signal), {
    clock,
    log,
  });
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await Promise.all([looking[Symbol.asyncDispose](), pinging[Symbol.asyncDispose]()]);
    },
  };
}

function looker(config: Config, tools: AlertTools, signal: AbortSignal): () => Promise<void> {
  const { store } = tools;
  const bounds: AlertBounds = {
    disk_percent: config.alerts.disk_free_percent,
    diskFull_percent: config.limits.disk_free_percent,
    queueAge_ms: config.alerts.queue_age_s * 1000,
  };
  let book: AlertBook | undefined;
  const teller = new Teller();
  return async () => {
    book ??= new AlertBook(await store.directory.setting(BOOK));
    const changes = book.look(conditions(await factsOf(config, tools), bounds));
    if (changes.length === 0 && !teller.owes) return;
    await announce(teller, changes, { ...tools, config, signal });
    await store.directory.putSetting(BOOK, book.text);
  };
}

async function factsOf(
  config: Config,
  { store, certificate, deadLists, bulk, tlsFailures, forwarding, sending, clock }: AlertTools,
): Promise<AlertFacts> {
  const { validFromDate, validToDate } = new X509Certificate(certificate.current().certificate);
  const messages = await store.queue.queueLength();
  const entries = messages > ALERT_LIMITS.queueMessages ? [] : await store.queue.queued();
  const waiting = entries.filter(({ held }) => !held).map(({ created_ms }) => created_ms);
  const clockDoubt = await clockInDoubt(store);
  const update = pendingUpdate(
    readUpdateState(await store.directory.setting(UPDATE_SETTING)),
    programVersion(),
  );
  return {
    now_ms: clock.now(),
    certificate: { notBefore_ms: validFromDate.getTime(), notAfter_ms: validToDate.getTime() },
    orders: certificate.status?.(),
    tlsa: certificate.tlsa(),
    freeDisk_percent: await freePercent(config.data),
    queue: { messages, oldest_ms: waiting.length === 0 ? undefined : Math.min(...waiting) },
    deadLists: deadLists(),
    forwardCircles: forwarding.circles.recent(),
    unnamedIpv6: sending.unnamed(),
    bulkSenders: bulk.bulkSenders(),
    tlsFailures: tlsFailures(),
    oldPasswords: await oldPasswords(store, passwordAges(config.passwords), clock.now()),
    ...(clockDoubt === undefined ? {} : { clockDoubt }),
    ...(update === undefined ? {} : { update }),
    ...(config.backup.directory === undefined
      ? {}
      : {
          backup: backupFacts(config),
        }),
  };
}

function backupFacts({ data, backup }: Config): NonNullable<AlertFacts["backup"]> {
  const last = lastBackup(data);
  const facts = { last_ms: last?.at ?? 0, every_ms: backup.every_hours * HOUR_MS };
  return last?.drillOk === false ? { ...facts, drillFault: last.drillDetail ?? "" } : facts;
}

/** Silence is the alarm: whoever expects the ping raises it. */
function pinger(config: Config, { readiness, log }: AlertTools, signal: AbortSignal): () => Promise<void> {
  const { ping } = config.alerts;
  return async () => {
    if (ping === undefined || (await readiness()).some(({ ok }) => !ok)) return;
    const sent = await send(ping, undefined, signal);
    if (!sent.ok && !signal.aborted) pingFailed(log, new URL(ping).host, sent.error);
  };
}
