import { spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnInPrefix, type Prefix } from "./peer-packages.ts";

/** Fetches rspamd, Redis and what of their dependencies the machine lacks into the prefix. Returns why there is none. */
export function fetchRspamd({ root }: Prefix): string | undefined {
  if (existsSync(join(root, "usr/bin/rspamd")) && existsSync(join(root, "usr/bin/redis-server")))
    return undefined;
  const packages = join(root, "../packages-rspamd");
  mkdirSync(packages, { recursive: true });
  const wanted = spawnSync(
    "sh",
    [
      "-c",
      "apt-get download $(apt-get install -s -qq --no-install-recommends rspamd redis-server | grep ^Inst | cut -d' ' -f2)",
    ],
    { cwd: packages, encoding: "utf8" },
  );
  if (wanted.status !== 0) return "apt-get download rspamd redis-server failed (run apt-get update first?)";
  for (const file of readdirSync(packages).filter((name) => name.endsWith(".deb"))) {
    if (spawnSync("dpkg-deb", ["-x", join(packages, file), root]).status !== 0)
      return `${file} cannot be unpacked`;
  }
  return undefined;
}

export type Ports = {
  readonly milter: number;
  readonly controller: number;
  readonly redis: number;
  readonly dns: number;
};

/**
 * rspamd as Debian installs it, with the Redis it recommends, as a milter with a worker per core that scans by itself; it
 * checks loopback like anybody else, asks our DNS, and refuses nothing, so that every message is delivered.
 */
export function startRspamd(prefix: Prefix, directory: string, ports: Ports): readonly ChildProcess[] {
  for (const name of ["local.d", "db", "run", "log", "redis"])
    mkdirSync(join(directory, name), { recursive: true });
  for (const [name, text] of Object.entries(settings(ports)))
    writeFileSync(join(directory, "local.d", name), text);
  const redis = join(directory, "redis.conf");
  writeFileSync(
    redis,
    `bind 127.0.0.1\nport ${ports.redis}\ndir ${directory}/redis\ndaemonize no\nsave ""\nappendonly no\n`,
  );
  const from = join(prefix.root, "etc/rspamd");
  const places = {
    CONFDIR: from,
    LOCAL_CONFDIR: directory,
    DBDIR: join(directory, "db"),
    RUNDIR: join(directory, "run"),
    LOGDIR: join(directory, "log"),
  };
  const variables = Object.entries(places).map(([name, place]) => `--var=${name}=${place}`);
  return [
    spawnInPrefix(prefix, "/usr/bin/redis-server", [redis]),
    spawnInPrefix(prefix, "/usr/bin/rspamd", ["-f", "-i", "-c", join(from, "rspamd.conf"), ...variables]),
  ];
}

/** It asks its statistics only where it has learnt 200 of each kind; a few get lost where several come at once. */
const LEARNT = 230;
const WORDS = {
  ham: "meeting invoice project minutes agenda report family garden weekend train ticket draft review thanks".split(
    " ",
  ),
  spam: "winner casino cheap pills lottery miracle loan prince urgent crypto bonus click unsubscribe offer".split(
    " ",
  ),
};

/** Teaches it as many messages of each kind as it wants before it uses what it has learnt. */
export async function teachRspamd(prefix: Prefix, directory: string, controller: number): Promise<void> {
  for (const kind of ["ham", "spam"] as const) {
    const lessons = join(directory, kind);
    mkdirSync(lessons, { recursive: true });
    for (let n = 0; n < LEARNT; n++) writeFileSync(join(lessons, `${n}.eml`), lesson(kind, n));
    const child = spawnInPrefix(prefix, "/usr/bin/rspamc", [
      "-h",
      `127.0.0.1:${controller}`,
      `learn_${kind}`,
      lessons,
    ]);
    const [status] = (await once(child, "exit")) as [number | null];
    if (status !== 0) throw new Error(`rspamc learn_${kind} failed`);
  }
}

function lesson(kind: keyof typeof WORDS, n: number): string {
  const words = WORDS[kind];
  const word = (i: number): string =>
    `${words[(n * 7 + i * (1 + (n % 5))) % words.length]}${i % 9 === 0 ? n : ""}`;
  const lines = Array.from({ length: 12 }, (_, line) =>
    Array.from({ length: 10 }, (_, i) => word(line * 10 + i)).join(" "),
  );
  return `From: <${kind}${n}@load.test>\r\nTo: <u1@bench.test>\r\nSubject: ${word(0)} ${word(1)} ${n}\r\nMessage-ID: <${kind}.${n}@load.test>\r\nDate: Mon, 30 Nov 2026 10:00:00 +0000\r\n\r\n${lines.join("\r\n")}\r\n`;
}

const settings = ({ milter, controller, redis, dns }: Ports): Record<string, string> => ({
  "options.inc": `dns { nameserver = ["127.0.0.1:${dns}:1"]; timeout = 1s; retransmits = 2; }\nlocal_addrs = ["10.0.0.0/8"];\n`,
  "redis.conf": `servers = "127.0.0.1:${redis}";\n`,
  "classifier-bayes.conf": 'backend = "redis"; min_learns = 200;\n',
  "worker-proxy.inc": `bind_socket = "127.0.0.1:${milter}"; count = 2; milter = yes; timeout = 60s;\nupstream "local" { default = yes; self_scan = yes; }\n`,
  "worker-normal.inc": "enabled = false;\n",
  "worker-controller.inc": `bind_socket = "127.0.0.1:${controller}"; secure_ip = ["127.0.0.1"];\n`,
  "worker-fuzzy.inc": "enabled = false;\n",
  "fuzzy_check.conf": "enabled = false;\n",
  "greylist.conf": "enabled = false;\n",
  "logging.inc": 'level = "warning";\n',
  "actions.conf": "reject = 999; add_header = 998; greylist = 997;\n",
});
