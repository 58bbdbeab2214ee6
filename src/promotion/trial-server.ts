/** A server under trial: the settings in question, on empty data and loopback ports, with the rights of the real one. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { addAccount, addDomain } from "../accounts/manage.ts";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import { systemClock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { err, ok, type Result } from "../base/result.ts";
import { Secret } from "../base/secret.ts";
import type { Config } from "../config/schema.ts";
import { ownProgram } from "../setup/machine-files.ts";
import { isRoot } from "../setup/machine-users.ts";
import { openStore } from "../store/sqlite/open.ts";
import { runningServer, statusOf } from "./machine-server.ts";
import type { Trust } from "./line-client.ts";
import { openDoors, settingsText, trialSettings, type Door } from "./trial-settings.ts";
import { startTrialWorld, TRIAL_DOMAIN } from "./trial-world.ts";

const START_MS = 60_000;
const STOP_MS = 30_000;
const PREFIX = "wachpost-trial-";
const FORGOTTEN_MS = 3_600_000;
/** Of util-linux; a smallest system may lack it. */
const SETPRIV = "/usr/bin/setpriv";
/** Of what a server that does not start had to say. */
const LAST_WORDS_CHARS = 2_000;

export const TRIAL_LOGIN = `you@${TRIAL_DOMAIN}`;

/** A trial that runs. */
export type Trial = {
  /** As the trial runs with them, not as they stand in the file. */
  readonly config: Config;
  readonly ports: Readonly<Partial<Record<Door, number>>>;
  readonly password: Secret;
  readonly trust: Trust;
};

/** Runs the settings on trial while `work` looks at them; the error is why there is no server. Nothing is left behind. */
export async function onTrial<T>(
  config: Config,
  work: (trial: Trial) => Promise<T>,
): Promise<Result<T, string>> {
  const rights = rightsOf(config.data);
  removeForgotten(rights);
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  let child: ChildProcess | undefined;
  const leave = (): void => {
    child?.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  // Whoever is interrupted leaves nothing behind.
  const interrupted = (): void => process.exit(130);
  process.once("exit", leave).once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    using world = await startTrialWorld();
    const data = join(directory, "data");
    mkdirSync(data, { mode: 0o700 });
    if (rights !== undefined) share(directory, data, rights);
    const ports = await freePorts(openDoors(config));
    const served = servedPair(config);
    const settings = trialSettings(config, { data, ports, served, dnsPort: world.port });
    const password = await makeAccount(data);
    const file = join(directory, "wachpost.toml");
    await writeFile(file, settingsText(settings), { mode: 0o644 });
    child = startServer(file, rights);
    const failure = await whyNotReady(child);
    if (failure !== undefined) return err(failure);
    return ok(await work({ config: settings, ports, password, trust: trustOf(settings) }));
  } finally {
    if (child !== undefined) await ended(child);
    process.off("exit", leave).off("SIGINT", interrupted).off("SIGTERM", interrupted);
    leave();
  }
}

type Rights = { readonly uid: number; readonly gid: number; readonly groups: readonly string[] };

/** Those of the running server, else of the owner of the data: a key that only root may read is found out. proc(5) */
function rightsOf(data: string): Rights | undefined {
  if (!isRoot() || !existsSync(data)) return undefined;
  const { uid, gid } = statSync(data);
  if (uid === 0) return undefined;
  const pid = runningServer(data)?.pid;
  const status = pid === undefined ? "" : statusOf(pid);
  const groups = /^Groups:\s*(.*)$/m.exec(status)?.[1]?.trim() ?? "";
  return { uid, gid, groups: groups === "" ? [] : groups.split(/\s+/) };
}

/** `setpriv` takes groups along, which `spawn` cannot, and ends the server with the one that looks at it, however that ends. */
function startServer(file: string, rights: Rights | undefined): ChildProcess {
  const [node, launcher] = ownProgram();
  const args = [launcher, "--config", file, "--json", "start"];
  const stdio = ["ignore", "pipe", "pipe"] as const;
  if (!existsSync(SETPRIV)) {
    const { uid, gid } = rights ?? {};
    return spawn(node, args, { stdio: [...stdio], ...(rights === undefined ? {} : { uid, gid }) });
  }
  const as = rights === undefined ? [] : rightsArguments(rights);
  return spawn(SETPRIV, [...as, "--pdeathsig=KILL", node, ...args], { stdio: [...stdio] });
}

const rightsArguments = ({ uid, gid, groups }: Rights): readonly string[] => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  groups.length === 0 ? "--clear-groups" : `--groups=${groups.join()}`,
];

/** What a trial left that was killed itself; no trial lasts so long. */
function removeForgotten(rights: Rights | undefined): void {
  const owners = [process.geteuid?.(), rights?.uid];
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const path = join(tmpdir(), name);
    const { uid, mtimeMs } = lstatSync(path, { throwIfNoEntry: false }) ?? { uid: -1, mtimeMs: 0 };
    if (owners.includes(uid) && Date.now() - mtimeMs > FORGOTTEN_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

/** The data are the server's. The directory above, in which root goes on writing, is none in which it could lay a link meanwhile. */
function share(directory: string, data: string, { uid, gid }: Rights): void {
  chmodSync(directory, 0o710);
  lchownSync(directory, 0, gid);
  lchownSync(data, uid, gid);
}

/** What the authority gave the real server; another one is not asked for. */
function servedPair({ data, tls }: Config): string | undefined {
  const file = join(data, "tls/acme/served.pem");
  return tls.acme.enabled && existsSync(file) ? file : undefined;
}

async function freePorts(doors: readonly Door[]): Promise<Partial<Record<Door, number>>> {
  const servers = await Promise.all(
    doors.map(async (door) => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return { door, server, port: (server.address() as AddressInfo).port };
    }),
  );
  // All at once, so that none is given twice.
  await Promise.all(servers.map(({ server }) => once(server.close(), "close")));
  return Object.fromEntries(servers.map(({ door, port }) => [door, port]));
}

async function makeAccount(data: string): Promise<Secret> {
  await using store = await openStore({
    directory: join(data, "store"),
    log: silentLog,
    clock: systemClock,
  });
  const managing = { store, clock: systemClock, cost: HASH_COST_MIN };
  const password = new Secret(`${randomId()}-${randomId()}`);
  const steps = [
    await addDomain(managing, TRIAL_DOMAIN),
    await addAccount(managing, {
      login: TRIAL_LOGIN,
      password: { kind: "chosen", password },
      displayName: "You",
      quota_octets: 0,
      administrator: true,
    }),
  ];
  for (const made of steps) if (!made.ok) throw made.error;
  return password;
}

/** Undefined once it is ready. */
async function whyNotReady(child: ChildProcess): Promise<string | undefined> {
  let lastWords = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString("utf8")).slice(-LAST_WORDS_CHARS);
  });
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(START_MS)]);
  const ready = once(child.stdout ?? child, "data", { signal }).then(
    () => undefined,
    () => `no sign of life within ${START_MS / 1000} s`,
  );
  const gone = once(child, "close", { signal }).then(
    () => reasonIn(lastWords),
    (error: unknown) => String(error),
  );
  const why = await Promise.race([ready, gone]);
  over.abort();
  return why;
}

/** What `start --json` says last when it does not start. */
function reasonIn(lastWords: string): string {
  const last = lastWords.trim().split("\n").at(-1) ?? "";
  try {
    const { message } = JSON.parse(last) as { readonly message?: unknown };
    if (typeof message === "string") return message.replace(/\.$/, "");
  } catch {
    // As it was said.
  }
  return last || "it ended without a word";
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exit;
  clearTimeout(late);
}

/** The certificate that is served, and no other; whether its name fits is told by `check` and the doctor. */
function trustOf({ data, tls, hostname }: Config): Trust {
  const file = tls.certificate ?? join(data, "tls/ca.pem");
  return {
    ca: [readFileSync(file, "utf8"), ...rootCertificates],
    servername: hostname,
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  };
}
