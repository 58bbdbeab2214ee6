/** Slips on the machine: resolver, certificate, files, settings, doors. */
import { chmodSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { CheckId } from "../../../src/doctor/checks.ts";
import { issued, rsaCertificate } from "../certificates.ts";
import { startScripted, type Script, type ScriptedServer } from "../scripted-server.ts";
import { configured, deed, type Sabotage } from "./sabotage.ts";
import { DOMAIN, HOST, type ResolverKind } from "./zones.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
const operations = ["operations"] as const;

/** A resolver that is not as it should be. */
const resolving = (
  row: Pick<Sabotage, "what" | "check" | "remedy" | "families"> & Partial<Pick<Sabotage, "consequences">>,
  kind: ResolverKind,
): Sabotage =>
  deed(row, { do: (world) => world.zones.resolve(kind), undo: (world) => world.zones.resolve() });

/** Passes everything on and calls it authenticated, as a box in between may. */
async function startLiar(from: number, to: number): Promise<() => void> {
  const [outside, inside] = [createSocket("udp4"), createSocket("udp4")];
  const asked = new Map<number, { readonly port: number; readonly address: string }>();
  outside.on("message", (octets, { port, address }) => {
    asked.set(octets.readUInt16BE(0), { port, address });
    inside.send(octets, to, "127.0.0.1");
  });
  inside.on("message", (octets) => {
    const who = asked.get(octets.readUInt16BE(0));
    octets.writeUInt16BE(octets.readUInt16BE(2) | 0x20, 2);
    if (who !== undefined) outside.send(octets, who.port, who.address);
  });
  outside.bind(from, "127.0.0.1");
  inside.bind(0, "127.0.0.1");
  await Promise.all([once(outside, "listening"), once(inside, "listening")]);
  return () => {
    outside.close();
    inside.close();
  };
}

const LIAR_BEHIND = 5_353;
let endLiar: () => void = () => {};

const RESOLVER: readonly Sabotage[] = [
  resolving(
    {
      what: "DNSSEC off",
      check: "dnssec-domain",
      remedy: /Switch DNSSEC on/,
      families: ["dns"],
      consequences: ["dnssec-mx", "dane-exists"],
    },
    { distrusted: [DOMAIN] },
  ),
  resolving(
    {
      what: "the resolver checks no signatures",
      check: "resolver",
      remedy: /apt-get install unbound/,
      families: operations,
      consequences: ["dnssec-domain", "dnssec-mx", "dane-exists"],
    },
    { validates: false },
  ),
  deed(
    {
      what: "a resolver that lies: all is authenticated",
      check: "resolver",
      remedy: /apt-get install unbound/,
      families: operations,
    },
    {
      async do(world) {
        await world.zones.resolve({ validates: false, port: LIAR_BEHIND });
        endLiar = await startLiar(53, LIAR_BEHIND);
      },
      async undo(world) {
        endLiar();
        await world.zones.resolve();
      },
    },
  ),
  deed(
    {
      what: "the resolver never answers",
      check: "resolver",
      remedy: /can be asked for/,
      families: operations,
      consequences: "any",
    },
    { do: (world) => world.zones.stopResolver(), undo: (world) => world.zones.resolve() },
  ),
];

/** Another certificate, as an operator lays one in. */
function certified(
  row: Pick<Sabotage, "what" | "check" | "remedy"> & { readonly consequence?: CheckId },
  pair: () => { readonly key: string; readonly certificate: string },
  mode = 0o600,
): Sabotage {
  const { consequence, ...rest } = row;
  return configured(
    // Without ACME nobody tells the time, and the TLSA records are of another key.
    {
      ...rest,
      consequences: [
        "clock",
        "dane-matches",
        "cert-trust",
        "certificate-file",
        "mta-sts-policy",
        ...(consequence === undefined ? [] : [consequence]),
      ],
      families: ["transport", "operations"],
    },
    (text, world) => {
      const { key, certificate } = pair();
      world.writeOwned("laid.pem", certificate, 0o644);
      world.writeOwned("laid-key.pem", key, mode);
      return `${text.replace("[tls.acme]\nenabled = true", "[tls.acme]\nenabled = false")}\n[tls]\ncertificate = "${world.file("laid.pem")}"\nkey = "${world.file("laid-key.pem")}"\n`;
    },
    { restart: true },
  );
}

/** Every name that people and servers come with. */
const WEB_NAMES = ["mta-sts", "autoconfig", "autodiscover"].map((label) => `${label}.${DOMAIN}`);

const CERTIFICATE: readonly Sabotage[] = [
  certified({ what: "certificate expired", check: "cert-days", remedy: /[Rr]enew/ }, () =>
    issued([HOST, ...WEB_NAMES], -90, -1),
  ),
  certified(
    // Nobody has said in the DNS who may issue for that one.
    {
      what: "certificate for another name",
      check: "cert-name",
      remedy: /mail\.example\.test/,
      consequence: "caa",
    },
    () => issued(["www.example.test"], -1, 60),
  ),
  certified({ what: "certificate signed by itself", check: "cert-trust", remedy: /public authority/ }, () =>
    rsaCertificate(HOST, 3072, "sha256", WEB_NAMES),
  ),
  certified(
    {
      what: "certificate of an unknown authority, key readable by all",
      check: "secret-files",
      remedy: /chmod 600 \S+laid-key\.pem/,
    },
    () => issued([HOST, ...WEB_NAMES], -1, 60),
    0o644,
  ),
];

const backupState = (world: World): string => join(world.data, "backup-state.json");

/** The state of the last backup with something else in it. */
function backedUp(
  row: Pick<Sabotage, "what" | "check" | "remedy">,
  change: (state: Record<string, unknown>) => Record<string, unknown> | undefined,
): Sabotage {
  let before = "";
  return deed(
    { ...row, families: operations },
    {
      do(world) {
        before = world.read("data/backup-state.json");
        const after = change(JSON.parse(before) as Record<string, unknown>);
        if (after === undefined) rmSync(backupState(world));
        else world.writeOwned("data/backup-state.json", JSON.stringify(after), 0o600);
        return Promise.resolve();
      },
      undo(world) {
        world.writeOwned("data/backup-state.json", before, 0o600);
        return Promise.resolve();
      },
    },
  );
}

function inMode(row: Pick<Sabotage, "what" | "check" | "remedy">, name: string, mode: number): Sabotage {
  let before = 0;
  return deed(
    { ...row, families: operations },
    {
      do(world) {
        before = statSync(world.file(name)).mode & 0o777;
        chmodSync(world.file(name), mode);
        return Promise.resolve();
      },
      undo(world) {
        chmodSync(world.file(name), before);
        return Promise.resolve();
      },
    },
  );
}

/** Leaves so little of the disk. */
function fill(world: World, left_percent: number): void {
  const { bavail, blocks, bsize } = statfsSync(world.data);
  const octets = (bavail - Math.ceil((blocks * left_percent) / 100)) * bsize;
  writeFileSync(world.file("filler"), Buffer.alloc(octets));
}

const store = (world: World): DatabaseSync =>
  new DatabaseSync(join(world.data, "store/mail.db"), { timeout: 5_000 });

const MACHINE: readonly Sabotage[] = [
  inMode({ what: "data directory open to all", check: "data-mode", remedy: /chmod 700/ }, "data", 0o755),
  inMode(
    { what: "backup key open to all", check: "secret-files", remedy: /chmod 600 \S+backup\.key/ },
    "keys/backup.key",
    0o644,
  ),
  inMode(
    { what: "key of the certificate open to all", check: "secret-files", remedy: /chmod 600 \S+served\.pem/ },
    "data/tls/acme/served.pem",
    0o644,
  ),
  backedUp(
    { what: "backup three days old", check: "backup-age", remedy: /wachpost backup DIR/ },
    (state) => ({
      ...state,
      at: Date.now() - 3 * DAY_MS,
    }),
  ),
  backedUp({ what: "no backup at all", check: "backup-age", remedy: /wachpost backup DIR/ }, () => undefined),
  backedUp(
    { what: "a backup that cannot be restored", check: "backup-drill", remedy: /wachpost backup drill/ },
    (state) => ({
      ...state,
      drillAt: Date.now(),
      drillOk: false,
      drillDetail: "2 messages differ",
    }),
  ),
  deed(
    { what: "disk nearly full", check: "disk-free", remedy: /Make room/, families: operations },
    {
      do: (world) => Promise.resolve(fill(world, 7)),
      undo: (world) => Promise.resolve(rmSync(world.file("filler"))),
    },
  ),
  deed(
    { what: "the clock is a minute off", check: "clock", remedy: /time server/, families: operations },
    {
      do: (world) => Promise.resolve(void (world.authorityAhead_s = 61)),
      undo: (world) => Promise.resolve(void (world.authorityAhead_s = 0)),
    },
  ),
  deed(
    {
      what: "mail has waited for two days",
      check: "queue-age",
      remedy: /wachpost queue list/,
      families: operations,
    },
    {
      async do(world) {
        await world.send("a@stuck.example.net");
        using database = store(world);
        database.prepare("UPDATE queue_entry SET created_ms = created_ms - ?").run(2 * DAY_MS);
      },
      async undo(world) {
        using database = store(world);
        database.exec("DELETE FROM queue_recipient; DELETE FROM queue_entry");
        return Promise.resolve();
      },
    },
  ),
  deed(
    {
      what: "an administrator's password of last year",
      check: "password-age",
      remedy: /wachpost account password/,
      families: operations,
    },
    {
      do(world) {
        using database = store(world);
        database.prepare("UPDATE credential SET created_ms = created_ms - ?").run(300 * DAY_MS);
        return Promise.resolve();
      },
      undo(world) {
        using database = store(world);
        database.prepare("UPDATE credential SET created_ms = created_ms + ?").run(300 * DAY_MS);
        return Promise.resolve();
      },
    },
  ),
];

const weak = (lines: string): Sabotage =>
  configured(
    {
      what: `weak setting: ${lines.trim().split("\n").join(" ")}`,
      check: "settings",
      remedy: /Remove these lines/,
      families: operations,
    },
    (text) => {
      const [section = "", ...rest] = lines.trim().split("\n");
      // Into the table that is there, or at the end.
      return text.includes(`\n${section}\n`)
        ? text.replace(`\n${section}\n`, `\n${section}\n${rest.join("\n")}\n`)
        : `${text}\n${lines}\n`;
    },
  );

const SETTINGS: readonly Sabotage[] = [
  weak('[policy]\ndmarc = "record"'),
  weak('[policy]\nmynetworks = ["127.0.0.0/8", "10.0.0.0/8"]'),
  weak("[limits]\ndisk_free_percent = 1"),
  weak('[sasl]\nscram = "never"'),
  weak('[web]\nmetrics_networks = ["0.0.0.0/0"]'),
  weak('[listeners.smtp]\nxclient_from = ["10.0.0.1"]'),
  weak('[listeners.imap]\nproxy_from = ["0.0.0.0/0"]'),
  weak('[[outbound.transports]]\ndomain = "*"\nhost = "relay.example.net"\ntls = "none"'),
  weak("[alerts]\nmail_enabled = false"),
  weak("[queue]\nexpire_s = 86400"),
  configured(
    {
      what: "MTA-STS only tests again",
      check: "mta-sts-policy",
      remedy: /mode: enforce/,
      families: ["authentication"],
      consequences: ["mta-sts-record"],
    },
    (text) => text.replace('mta_sts = "enforce"', 'mta_sts = "testing"'),
    { restart: true },
  ),
];

/** The server goes from a door, and a program of somebody else takes it. */
function takenOver(
  row: Pick<Sabotage, "what" | "check" | "remedy"> & Partial<Pick<Sabotage, "consequences" | "families">>,
  door: "smtp" | "submission" | "imap",
  port: number,
  script: Script,
): Sabotage {
  let taker: ScriptedServer | undefined;
  return deed(
    { families: ["smtp"], ...row },
    {
      async do(world) {
        const before = world.read("wachpost.toml");
        const text = before.includes(`[listeners.${door}]\nenabled = true`)
          ? before.replace(`[listeners.${door}]\nenabled = true`, `[listeners.${door}]\nenabled = false`)
          : `${before}\n[listeners.${door}]\nenabled = false\n`;
        world.writeConfig(text);
        await world.restart();
        // What the doctor reads says that it is ours.
        world.writeConfig(before);
        taker = await startScripted({ ...script, port });
      },
      async undo(world) {
        taker?.close();
        await world.restart();
      },
    },
  );
}

const DOORS: readonly Sabotage[] = [
  configured(
    {
      what: "a door that is announced is shut",
      check: "reachable",
      remedy: /\[listeners\.submissions\] enabled = true/,
      families: ["transport"],
    },
    (text) => `${text}\n[listeners.submissions]\nenabled = false\n`,
    { restart: true },
  ),
  deed(
    {
      what: "the server does not run",
      check: "reachable",
      remedy: /Is the server running/,
      families: ["transport"],
      consequences: "any",
    },
    { do: (world) => world.stop(), undo: (world) => world.start() },
  ),
  takenOver(
    {
      what: "an IMAP server without encryption",
      check: "auth-before-tls",
      remedy: /before TLS|TLS/,
      consequences: ["starttls", "settings-tried"],
    },
    "imap",
    143,
    { service: "imap", tls: "none", capabilities: { plain: "IMAP4rev1 AUTH=PLAIN" } },
  ),
  takenOver(
    {
      what: "submission without encryption",
      check: "auth-before-tls",
      remedy: /before TLS|TLS/,
      consequences: ["starttls", "settings-tried"],
    },
    "submission",
    587,
    { service: "submission", tls: "none", banner: `220 ${HOST} ESMTP`, extensions: ["AUTH PLAIN LOGIN"] },
  ),
  takenOver(
    {
      what: "an old mail server on port 25",
      check: "starttls",
      remedy: /switch TLS on/,
      families: ["transport"],
      consequences: "any",
    },
    "smtp",
    25,
    { service: "smtp", tls: "none", banner: "220 localhost ESMTP" },
  ),
  takenOver(
    {
      what: "a mail server that knows no postmaster",
      check: "postmaster",
      remedy: /postmaster/,
      consequences: "any",
    },
    "smtp",
    25,
    {
      service: "smtp",
      banner: `220 ${HOST} ESMTP`,
      answers: [[/^RCPT TO:<(?:postmaster|abuse)@/i, "550 5.1.1 No such user"]],
    },
  ),
];

export const SERVER_SABOTAGES: readonly Sabotage[] = [
  ...RESOLVER,
  ...CERTIFICATE,
  ...MACHINE,
  ...SETTINGS,
  ...DOORS,
];
