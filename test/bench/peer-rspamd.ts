import { spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnInPrefix, type Prefix } from "./peer-packages.ts";

/** Fetches rspamd and what of its dependencies the machine lacks into the prefix. Returns why there is none. */
export function fetchRspamd({ root }: Prefix): string | undefined {
  if (existsSync(join(root, "usr/bin/rspamd"))) return undefined;
  const packages = join(root, "../packages-rspamd");
  mkdirSync(packages, { recursive: true });
  const wanted = spawnSync(
    "sh",
    [
      "-c",
      "apt-get download $(apt-get install -s -qq --no-install-recommends rspamd | grep ^Inst | cut -d' ' -f2)",
    ],
    { cwd: packages, encoding: "utf8" },
  );
  if (wanted.status !== 0) return "apt-get download rspamd failed (run apt-get update first?)";
  for (const file of readdirSync(packages).filter((name) => name.endsWith(".deb"))) {
    if (spawnSync("dpkg-deb", ["-x", join(packages, file), root]).status !== 0)
      return `${file} cannot be unpacked`;
  }
  return undefined;
}

/**
 * rspamd as Debian ships it, as a milter with a worker per core that scans by itself; it checks loopback like anybody
 * else, asks our DNS, and refuses nothing, so that every message is delivered. Without Redis: no Bayes, less work for it.
 */
export function startRspamd(
  prefix: Prefix,
  directory: string,
  milterPort: number,
  dnsPort: number,
): ChildProcess {
  for (const name of ["local.d", "db", "run", "log"]) mkdirSync(join(directory, name), { recursive: true });
  for (const [name, text] of Object.entries(settings(milterPort, dnsPort)))
    writeFileSync(join(directory, "local.d", name), text);
  const from = join(prefix.root, "etc/rspamd");
  const places = {
    CONFDIR: from,
    LOCAL_CONFDIR: directory,
    DBDIR: join(directory, "db"),
    RUNDIR: join(directory, "run"),
    LOGDIR: join(directory, "log"),
  };
  const variables = Object.entries(places).map(([name, place]) => `--var=${name}=${place}`);
  return spawnInPrefix(prefix, "/usr/bin/rspamd", [
    "-f",
    "-i",
    "-c",
    join(from, "rspamd.conf"),
    ...variables,
  ]);
}

const settings = (milterPort: number, dnsPort: number): Record<string, string> => ({
  "options.inc": `dns { nameserver = ["127.0.0.1:${dnsPort}:1"]; timeout = 1s; retransmits = 2; }\nlocal_addrs = ["10.0.0.0/8"];\n`,
  "worker-proxy.inc": `bind_socket = "127.0.0.1:${milterPort}"; count = 2; milter = yes; timeout = 60s;\nupstream "local" { default = yes; self_scan = yes; }\n`,
  "worker-normal.inc": "enabled = false;\n",
  "worker-controller.inc": "enabled = false;\n",
  "worker-fuzzy.inc": "enabled = false;\n",
  "fuzzy_check.conf": "enabled = false;\n",
  "greylist.conf": "enabled = false;\n",
  "logging.inc": 'level = "warning";\n',
  "actions.conf": "reject = 999; add_header = 998; greylist = 997;\n",
});
