/** Facts about our own server that are wrong in one way each (G-64). */
import type { CheckId } from "../../src/doctor/checks.ts";
import type { Grade } from "../../src/doctor/finding.ts";
import type { OwnServerFacts } from "../../src/doctor/own-server.ts";
import type { Release } from "../../src/upgrade/feed.ts";
import type { NoteId } from "../../src/doctor/words/notes.ts";
import type { Control } from "./zone-controls.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const NOW_MS = 1_790_000_000_000;

const LAST = {
  lot: 0.5,
  begun_ms: NOW_MS - 2 * DAY_MS,
  full_ms: NOW_MS - 20 * HOUR_MS,
  light_ms: NOW_MS - HOUR_MS,
  digest: "x",
  failed_ms: 0,
  outcome: "12 s",
};

const FLOWN = {
  at_ms: NOW_MS - HOUR_MS / 4,
  lost: "",
  hops_ms: { submission: 300, queue: 510, inbound: 200, reading: 230 },
  told: false,
  every_ms: HOUR_MS / 4,
};

const told = (
  releases: readonly Release[],
  checked_ms = NOW_MS - HOUR_MS,
): NonNullable<OwnServerFacts["updates"]> => ({
  state: { made_ms: 1, expires_ms: NOW_MS + DAY_MS, checked_ms, releases },
  version: "1.0.0",
  now_ms: NOW_MS,
});
const NEWER: Release = {
  version: "1.0.1",
  date: "2026-09-20",
  severity: "normal",
  text: { en: "Faster.", de: "Schneller." },
  sha512: "0".repeat(128),
};

export const GOOD_FACTS: OwnServerFacts = {
  hostName: "mail.example.org",
  data: "/var/lib/wachpost",
  disk: { free_percent: 40, min_percent: 5 },
  dataMode: 0o700,
  queue: { length: 2, oldest_ms: HOUR_MS },
  backup_ms: 20 * HOUR_MS,
  noBackup: undefined,
  backupEvery_ms: undefined,
  drill: { ok: true, detail: "7 messages" },
  secretFiles: [{ file: "/etc/wachpost/key.pem", mode: 0o600 }],
  oldPasswords: [],
  nodeVersion: "26.10.0",
  authority: undefined,
  certificate: { notBefore_ms: NOW_MS - DAY_MS, notAfter_ms: NOW_MS + 60 * DAY_MS, own: false, names: [] },
  weakened: [],
  spfFail: { setting: "junk", knowsForwarders: false },
  settingsTried: true,
  refusedRoles: [],
  clockFollows: true,
  resolver: { kind: "validates", detail: "org is authenticated" },
  schedule: LAST,
  canary: FLOWN,
  updates: told([]),
};

export type OwnControl = Control & { readonly name: string; readonly change: Partial<OwnServerFacts> };

const row = (
  name: string,
  check: CheckId,
  grade: Grade,
  note: NoteId,
  change: Partial<OwnServerFacts>,
): OwnControl => ({ name, check, grade, note, change });
const until = (days: number): Partial<OwnServerFacts> => ({
  certificate: {
    notBefore_ms: NOW_MS - 80 * DAY_MS,
    notAfter_ms: NOW_MS + days * DAY_MS,
    own: false,
    names: [],
  },
});

export const OWN_CONTROLS: readonly OwnControl[] = [
  row("disk full", "disk-free", "fail", "disk-low", { disk: { free_percent: 2, min_percent: 5 } }),
  row("disk nearly full", "disk-free", "warn", "disk-low", { disk: { free_percent: 8, min_percent: 5 } }),
  row("disk unknown", "disk-free", "unknown", "own-unknown", { disk: undefined }),
  row("data readable by all", "data-mode", "fail", "data-open", { dataMode: 0o755 }),
  row("mail waits a day", "queue-age", "fail", "queue-old", {
    queue: { length: 1, oldest_ms: 25 * HOUR_MS },
  }),
  row("mail waits hours", "queue-age", "warn", "queue-old", { queue: { length: 1, oldest_ms: 5 * HOUR_MS } }),
  row("queue unknown", "queue-age", "unknown", "own-unknown", { queue: undefined }),
  row("no backup known", "backup-age", "unknown", "backup-unknown", { backup_ms: undefined }),
  row("a directory without a backup", "backup-age", "fail", "backup-none", {
    backup_ms: undefined,
    noBackup: { directory: "/nowhere", reason: "ENOENT" },
  }),
  row("backup of two days", "backup-age", "warn", "backup-old", { backup_ms: 2 * DAY_MS }),
  row("backup of ten days", "backup-age", "fail", "backup-old", { backup_ms: 10 * DAY_MS }),
  row("weekly backup, fifteen days ago", "backup-age", "fail", "backup-old", {
    backup_ms: 15 * DAY_MS,
    backupEvery_ms: 7 * DAY_MS,
  }),
  row("a backup that cannot be restored", "backup-drill", "fail", "backup-drill-failed", {
    drill: { ok: false, detail: "2 messages differ" },
  }),
  row("a key readable by all", "secret-files", "fail", "secrets-open", {
    secretFiles: [{ file: "/etc/wachpost/key.pem", mode: 0o644 }],
  }),
  row("an old password", "password-age", "warn", "passwords-old", {
    oldPasswords: [{ login: "root@example.org" }],
  }),
  row("accounts unknown", "password-age", "unknown", "own-unknown", { oldPasswords: undefined }),
  row("Node 22", "node-version", "warn", "node-old", { nodeVersion: "22.12.0" }),
  row("clock a minute off", "clock", "fail", "clock-off", {
    authority: { host: "acme.example", offset_s: -61, identities: [], account: undefined },
  }),
  row("certificate over", "certificate-file", "fail", "cert-expired", until(-1)),
  row("certificate ends in two days", "certificate-file", "fail", "cert-soon", until(2)),
  row("certificate ends in ten days", "certificate-file", "warn", "cert-soon", until(10)),
  row("certificate unknown", "certificate-file", "unknown", "own-unknown", { certificate: undefined }),
  row("a weak setting", "settings", "warn", "settings-weak", { weakened: ['policy.dmarc = "record"'] }),
  row("a rule that refuses mail to postmaster", "role-mail", "fail", "role-mail-refused", {
    refusedRoles: [
      { address: "postmaster@example.org", rule: "check_recipient_access", reply: "554 Access denied" },
    ],
  }),
  row("no store", "role-mail", "unknown", "own-unknown", { refusedRoles: undefined }),
  row("SPF refuses, no forwarder named", "spf-alone", "warn", "spf-alone-strict", {
    spfFail: { setting: "reject", knowsForwarders: false },
  }),
  row("settings nobody tried", "settings-tried", "warn", "settings-untried", { settingsTried: false }),
  row("clock behind", "clock", "fail", "clock-behind", {
    certificate: { notBefore_ms: NOW_MS + DAY_MS, notAfter_ms: NOW_MS + 60 * DAY_MS, own: true, names: [] },
  }),
  row("a resolver that does not validate", "resolver", "fail", "resolver-blind", {
    resolver: {
      kind: "does-not-validate",
      detail: "org is signed, and the answer is not marked as authenticated by a resolver on this machine",
    },
  }),
  row("no answer of the resolver", "resolver", "unknown", "resolver-unknown", {
    resolver: { kind: "unknown", detail: "timeout" },
  }),
  row("a newer version", "update-state", "warn", "update-there", { updates: told([NEWER]) }),
  row("a newer version that closes a hole", "update-state", "fail", "update-security", {
    updates: told([{ ...NEWER, severity: "security" }]),
  }),
  row("a feed that says nothing", "update-state", "unknown", "update-silent", {
    updates: told([], NOW_MS - 5 * DAY_MS),
  }),
  row("never a self-examination", "self-examination", "unknown", "examination-none", {
    schedule: { ...LAST, full_ms: 0, light_ms: 0 },
  }),
  row("a self-examination that died", "self-examination", "fail", "examination-died", {
    schedule: { ...LAST, failed_ms: NOW_MS, outcome: "it ended with SIGKILL" },
  }),
  row("no self-examination for two days", "self-examination", "warn", "examination-old", {
    schedule: { ...LAST, full_ms: NOW_MS - 48 * HOUR_MS },
  }),
  row("a mail to itself that was lost", "canary", "fail", "canary-lost", {
    canary: { ...FLOWN, lost: "queue: not passed within 60 s" },
  }),
  row("no mail to itself for an hour", "canary", "fail", "canary-old", {
    canary: { ...FLOWN, at_ms: NOW_MS - HOUR_MS },
  }),
  row("clock unknown", "clock", "unknown", "clock-unknown", { clockFollows: undefined }),
];
