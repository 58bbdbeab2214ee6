/** A network of its own (Linux namespaces): public addresses and the real ports, and nothing of it is seen outside. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { diesWithUs } from "../../setup/dies-with-us.ts";

/** Of the server, and of the two name servers of its domain. They belong to nobody in there. */
export const SERVER = { four: "93.184.216.34", six: "2a00:1450:4001:80b::34" } as const;
export const NAME_SERVERS = [
  { four: "185.49.140.10", six: "2a04:b900::10" },
  { four: "185.49.141.11", six: "2a04:b901::11" },
] as const;
/** A mail server of somebody else. */
export const STRANGER = { four: "151.101.65.1", six: "2a04:4e42::65" } as const;
/** Where no way leads. */
export const ELSEWHERE = { four: "151.101.1.1", six: "2a04:4e42::1" } as const;

const isRoot = process.getuid?.() === 0;
const UNSHARE = ["--net", "--mount", ...(isRoot ? [] : ["--user", "--map-root-user"])];

/** Low ports for everybody, since the server and its helpers need not be root. */
const PREPARE = [
  "ip link set lo up",
  ...[SERVER, ...NAME_SERVERS, STRANGER].flatMap(({ four, six }) => [
    `ip addr add ${four}/32 dev lo`,
    `ip addr add ${six}/128 dev lo nodad`,
  ]),
  "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start",
].join(" && ");

/** Runs a program in there; it dies with us. */
export const inNetwork = (program: string, args: readonly string[]): ChildProcess =>
  spawn(
    ...diesWithUs("unshare", [
      ...UNSHARE,
      "--kill-child",
      "--fork",
      "sh",
      "-c",
      `${PREPARE} && exec "$@"`,
      "sh",
      program,
      ...args,
    ]),
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );

const tried = spawnSync("unshare", [...UNSHARE, "sh", "-c", PREPARE], { encoding: "utf8" });
export const networkMissing: string | false =
  tried.status === 0
    ? false
    : `no network namespace is to be had here (unshare, ip: apt-get install iproute2): ${tried.stderr ?? ""}`;
