/** Postfix as Debian ships it, in a network of its own, with one smtpd for each set of rules. */
import type { ChildProcess } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnInPrefix, type Prefix } from "../../bench/peer-packages.ts";
import { CLASSES, DOMAIN, NETWORKS, TABLES, USERS, type Rules } from "./sessions.ts";

/** Users and groups every Debian has; the package's own are not made. */
const QUEUE_USER = { name: "list", uid: 38 };
const POSTDROP_GROUP = { name: "staff", gid: 50 };
const QUEUES = "incoming active deferred bounce defer hold trace corrupt saved flush private".split(" ");

export function startPostfix(
  prefix: Prefix,
  directory: string,
  firstPort: number,
  rules: readonly Rules[],
): ChildProcess {
  for (const name of ["etc", "spool", "data"]) mkdirSync(join(directory, name), { recursive: true });
  chmodSync(directory, 0o755);
  for (const name of QUEUES) {
    mkdirSync(join(directory, "spool", name));
    chownSync(join(directory, "spool", name), QUEUE_USER.uid, 0);
    chmodSync(join(directory, "spool", name), 0o700);
  }
  for (const [name, mode] of [
    ["public", 0o710],
    ["maildrop", 0o730],
    ["pid", 0o755],
  ] as const) {
    mkdirSync(join(directory, "spool", name));
    chownSync(join(directory, "spool", name), name === "pid" ? 0 : QUEUE_USER.uid, POSTDROP_GROUP.gid);
    chmodSync(join(directory, "spool", name), mode);
  }
  chownSync(join(directory, "data"), QUEUE_USER.uid, 0);
  for (const [name, { text }] of Object.entries(TABLES)) writeFileSync(join(directory, name), text);
  writeFileSync(join(directory, "users"), USERS.map((user) => `${user} x\n`).join(""));
  writeFileSync(join(directory, "etc/main.cf"), mainCf(directory));
  writeFileSync(join(directory, "etc/master.cf"), masterCf(directory, firstPort, rules));
  return spawnInPrefix(prefix, "/usr/lib/postfix/sbin/master", ["-c", join(directory, "etc")]);
}

/** The rules name tables as `TYPE:NAME`; Postfix wants paths and has the type texthash for text. */
const withPaths = (directory: string, text: string): string =>
  text.replace(
    /\b(hash|cidr|regexp):([a-z]+)/g,
    (_all, type: string, name: string) => `${type === "hash" ? "texthash" : type}:${directory}/${name}`,
  );

/**
 * No message is ever finished, so the queue manager never gives back what admits the next one: without `in_flow_delay = 0`
 * Postfix holds every accepted recipient for a second after the first hundred.
 */
const mainCf = (directory: string): string => `compatibility_level = 3.6
queue_directory = ${directory}/spool
data_directory = ${directory}/data
mail_owner = ${QUEUE_USER.name}
setgid_group = ${POSTDROP_GROUP.name}
default_privs = nobody
myhostname = mail.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = ${NETWORKS}
virtual_mailbox_domains = ${DOMAIN}
virtual_mailbox_base = ${directory}
virtual_mailbox_maps = texthash:${directory}/users
virtual_alias_maps =
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
recipient_delimiter = +
show_user_unknown_table_name = no
maillog_file_prefixes = ${directory}
maillog_file = ${directory}/log
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_peername_lookup = no
smtpd_helo_required = yes
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 10000
smtpd_hard_error_limit = 10000
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_restriction_classes = ${Object.keys(CLASSES).join(", ")}
${Object.entries(CLASSES)
  .map(([name, text]) => `${name} = ${withPaths(directory, text)}`)
  .join("\n")}
`;

function masterCf(directory: string, firstPort: number, rules: readonly Rules[]): string {
  const doors = rules.map((lists, i) => {
    const options = Object.entries(lists).map(
      ([list, text]) => `  -o { smtpd_${list}_restrictions = ${withPaths(directory, text)} }`,
    );
    return `127.0.0.1:${firstPort + i} inet n - n - 1 smtpd\n${options.join("\n")}\n`;
  });
  return `${doors.join("")}cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
virtual unix - n n - - virtual
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;
}
