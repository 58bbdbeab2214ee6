import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { oldPasswords } from "../accounts/old-passwords.ts";
import { passwordAges } from "../accounts/standing.ts";
import { lastBackup } from "../backup/state.ts";
import type { Clock } from "../base/clock.ts";
import type { Config } from "../config/schema.ts";
import { lastStart, wasTried } from "../config/tried.ts";
import type { Dns } from "../dns/answer.ts";
import { examineResolver } from "../dns/examine-resolver.ts";
import type { Store } from "../store/store.ts";
import { programVersion } from "../base/program-version.ts";
import { readUpdateState, UPDATE_SETTING } from "../upgrade/update-state.ts";
import { CANARY_SETTING, readCanary } from "./canary-state.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import { authorityFacts } from "./net-authority.ts";
import type { OwnServerFacts } from "./own-server.ts";
import { refusedRoles } from "./net-role-mail.ts";
import { isYoung, readState, SCHEDULE_SETTING } from "./schedule-state.ts";
import { weakenedSettings } from "./weakened.ts";

/** Where systemd-timesyncd notes that the clock follows a server. */
const CLOCK_FOLLOWS = "/run/systemd/timesync/synchronized";
/** What `tls/own-authority.ts` keeps below the data directory. */
const OWN_CERTIFICATE = "tls/server.pem";
/** What `tls/acme-files.ts` keeps there: the authority's certificate, below its key. */
const ACME_CERTIFICATE = "tls/acme/served.pem";
const HOUR_MS = 3_600_000;
/** So long before an administrator's password closes, `oldPasswords` names it. */
const AHEAD_DAYS = 14;

/** What this machine says about the server; each part by itself, so that one that cannot be read hides no other. */
export async function ownServerFacts(
  config: Config,
  store: Store | undefined,
  backups: string | undefined,
  clock: Clock,
  dns?: Dns,
): Promise<OwnServerFacts> {
  const { signed_name: signed, bogus_name: bogus } = config.dns;
  return {
    hostName: config.hostname,
    data: config.data,
    disk: await orUnknown(async () => {
      const { bavail, blocks } = await statfs(config.data);
      return { free_percent: (bavail * 100) / blocks, min_percent: config.limits.disk_free_percent };
    }),
    dataMode: await orUnknown(async () => (await stat(config.data)).mode & 0o777),
    queue: store && (await orUnknown(() => queueOf(store, clock))),
    ...(await backupFacts(config, backups, clock)),
    backupEvery_ms: config.backup.directory === undefined ? undefined : config.backup.every_hours * HOUR_MS,
    drill: drillOf(config),
    secretFiles: await secretFiles(config),
    oldPasswords: store && (await orUnknown(() => oldPasswords(store, remindedAges(config), clock.now()))),
    nodeVersion: process.versions.node,
    certificate: await orUnknown(() => certificateOf(config)),
    authority: await orUnknown(() => authorityFacts(config, clock)),
    weakened: weakenedSettings(config),
    spfFail: {
      setting: config.policy.spf_fail,
      knowsForwarders: config.policy.dmarc_forwarders.length + config.policy.dmarc_forwarder_names.length > 0,
    },
    settingsTried: settingsTried(config),
    refusedRoles: store && (await orUnknown(() => refusedRoles(config, store, clock))),
    clockFollows: existsSync(CLOCK_FOLLOWS) ? true : undefined,
    resolver: dns && (await orUnknown(() => examineResolver(dns, { signed, bogus }))),
    canary:
      store && config.doctor.enabled && config.doctor.canary
        ? await orUnknown(() => canaryOf(store, config))
        : undefined,
    updates:
      store && config.updates.feed !== undefined
        ? await orUnknown(async () => ({
            state: readUpdateState(await store.directory.setting(UPDATE_SETTING)),
            version: programVersion(),
            now_ms: clock.now(),
          }))
        : undefined,
    schedule: store && config.doctor.enabled ? await orUnknown(() => scheduleOf(store, clock)) : undefined,
  };
}

function settingsTried({ data }: Config): boolean | undefined {
  const start = lastStart(data);
  return start && wasTried(data, start.digest);
}

async function orUnknown<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

/** Undefined also where it is too early to expect any. */
async function scheduleOf(store: Store, clock: Clock): Promise<OwnServerFacts["schedule"]> {
  const state = readState(await store.directory.setting(SCHEDULE_SETTING), () => 0);
  return isYoung(state, clock.now()) ? undefined : state;
}

async function canaryOf(store: Store, { doctor }: Config): Promise<OwnServerFacts["canary"]> {
  const state = readCanary(await store.directory.setting(CANARY_SETTING));
  return state && { ...state, every_ms: (doctor.canary_s + doctor.canary_late_s) * 1000 };
}

async function queueOf(store: Store, clock: Clock): Promise<OwnServerFacts["queue"]> {
  const waiting = (await store.queue.queued()).filter(({ held }) => !held);
  const oldest_ms = Math.min(...waiting.map(({ created_ms }) => created_ms));
  return { length: waiting.length, oldest_ms: waiting.length === 0 ? 0 : clock.now() - oldest_ms };
}

/** Age of the last backup we made ourselves. */
function ageOfLast({ data }: Config, clock: Clock): number | undefined {
  const last = lastBackup(data);
  return last === undefined || last.at === 0 ? undefined : clock.now() - last.at;
}

/** Whoever names a directory wants to hear of it, also where nothing is there. */
async function backupFacts(
  config: Config,
  directory: string | undefined,
  clock: Clock,
): Promise<Pick<OwnServerFacts, "backup_ms" | "noBackup">> {
  if (directory === undefined) return { backup_ms: ageOfLast(config, clock), noBackup: undefined };
  try {
    const backup_ms = await newestBelow(directory, clock);
    return { backup_ms, noBackup: backup_ms === undefined ? { directory, reason: "no file" } : undefined };
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    return { backup_ms: undefined, noBackup: { directory, reason: code } };
  }
}

/** Age of the newest file; a directory without files has none. */
async function newestBelow(directory: string, clock: Clock): Promise<number | undefined> {
  let newest_ms = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      newest_ms = Math.max(newest_ms, (await stat(join(entry.parentPath, entry.name))).mtimeMs);
  }
  return newest_ms === 0 ? undefined : clock.now() - newest_ms;
}

function drillOf({ data }: Config): OwnServerFacts["drill"] {
  const last = lastBackup(data);
  return last?.drillOk === undefined ? undefined : { ok: last.drillOk, detail: last.drillDetail ?? "" };
}

/** Whom nobody told an age for administrators is reminded after half a year (S-10). */
function remindedAges({ passwords }: Config): ReturnType<typeof passwordAges> {
  const { max_age_days, admin_max_age_days } = passwords;
  const reminded_days = DOCTOR_LIMITS.adminPasswordDays + AHEAD_DAYS;
  return passwordAges({ max_age_days, admin_max_age_days: admin_max_age_days || reminded_days });
}

/** What is named in the configuration and there; a name that leads nowhere is found elsewhere. */
async function secretFiles(config: Config): Promise<OwnServerFacts["secretFiles"]> {
  const { tls, backup, dns, outbound, data } = config;
  const named = [
    tls.certificate === undefined
      ? join(data, tls.acme.enabled ? ACME_CERTIFICATE : OWN_CERTIFICATE)
      : tls.key,
    backup.key_file,
    backup.passphrase_file,
    dns.update?.secret_file,
    ...outbound.transports.map(({ password_file: file }) => file),
  ];
  const found = await Promise.all(
    named.map(async (file) => {
      const mode =
        file === undefined ? undefined : await orUnknown(async () => (await stat(file)).mode & 0o777);
      return file === undefined || mode === undefined ? [] : [{ file, mode }];
    }),
  );
  return found.flat();
}

async function certificateOf(config: Config): Promise<OwnServerFacts["certificate"]> {
  const { tls, data } = config;
  const fromAuthority = join(data, ACME_CERTIFICATE);
  const hasOrdered = tls.certificate === undefined && tls.acme.enabled && existsSync(fromAuthority);
  const file = tls.certificate ?? (hasOrdered ? fromAuthority : join(data, OWN_CERTIFICATE));
  const text = await readFile(file, "utf8");
  // Below a key that is none of our business.
  const certificate = new X509Certificate(
    text.slice(Math.max(text.indexOf("-----BEGIN CERTIFICATE-----"), 0)),
  );
  return {
    notBefore_ms: certificate.validFromDate.getTime(),
    notAfter_ms: certificate.validToDate.getTime(),
    own: tls.certificate === undefined && !hasOrdered,
    names: dnsNames(certificate.subjectAltName),
  };
}

/** `DNS:a.example, DNS:b.example, IP Address:…`; a name with anything odd in it is quoted, and none of ours. */
const dnsNames = (text = ""): readonly string[] =>
  text.split(", ").flatMap((entry) => /^DNS:([^"\s]+)$/.exec(entry)?.[1] ?? []);
