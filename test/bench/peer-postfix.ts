import type { ChildProcess } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnInPrefix, type Prefix } from "./peer-packages.ts";

export type PostfixDelivery =
  /** Its own virtual(8) into a Maildir. */
  | { readonly kind: "maildir" }
  /** To Dovecot over LMTP. */
  | { readonly kind: "lmtp"; readonly port: number };

/** Users and groups every Debian has; the package's own are not made. */
const QUEUE_USER = { name: "list", uid: 38 };
const POSTDROP_GROUP = { name: "staff", gid: 50 };
const MAIL = { uid: 8, gid: 8 };

export type Postfix = { readonly process: ChildProcess; readonly port: number; readonly maildir: string };

/** Starts Postfix in a directory of its own, as Debian ships it but for the paths; users `u0@bench.test` ... */
export function startPostfix(
  prefix: Prefix,
  directory: string,
  port: number,
  users: number,
  delivery: PostfixDelivery,
  milterPort?: number,
): Postfix {
  layQueue(directory);
  writeFileSync(join(directory, "etc/main.cf"), mainCf(directory, delivery) + milterCf(milterPort));
  writeFileSync(join(directory, "etc/master.cf"), masterCf(port));
  const map = Array.from({ length: users }, (_, i) => `u${i}@bench.test u${i}/\n`).join("");
  writeFileSync(join(directory, "users"), map);
  const child = spawnInPrefix(prefix, "/usr/lib/postfix/sbin/master", ["-c", join(directory, "etc")]);
  return { process: child, port, maildir: join(directory, "mail") };
}

export function layQueue(directory: string): void {
  for (const name of ["etc", "spool", "data", "mail"]) mkdirSync(join(directory, name), { recursive: true });
  chmodSync(directory, 0o755);
  for (const name of [
    "incoming",
    "active",
    "deferred",
    "bounce",
    "defer",
    "hold",
    "trace",
    "corrupt",
    "saved",
    "flush",
    "private",
  ]) {
    mkdirSync(join(directory, "spool", name));
    chownSync(join(directory, "spool", name), QUEUE_USER.uid, 0);
    chmodSync(join(directory, "spool", name), 0o700);
  }
  mkdirSync(join(directory, "spool/pid"));
  for (const [name, mode] of [
    ["public", 0o710],
    ["maildrop", 0o730],
  ] as const) {
    mkdirSync(join(directory, "spool", name));
    chownSync(join(directory, "spool", name), QUEUE_USER.uid, POSTDROP_GROUP.gid);
    chmodSync(join(directory, "spool", name), mode);
  }
  chownSync(join(directory, "data"), QUEUE_USER.uid, 0);
  chownSync(join(directory, "mail"), MAIL.uid, MAIL.gid);
}

const mainCf = (directory: string, delivery: PostfixDelivery): string => `compatibility_level = 3.6
queue_directory = ${directory}/spool
data_directory = ${directory}/data
mail_owner = ${QUEUE_USER.name}
setgid_group = ${POSTDROP_GROUP.name}
default_privs = nobody
myhostname = mail.bench.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
maillog_file_prefixes = ${directory}
maillog_file = ${directory}/log
smtp_dns_support_level = disabled
smtp_host_lookup = native
alias_maps =
alias_database =
local_recipient_maps =
message_size_limit = 102400000
virtual_mailbox_domains = bench.test
virtual_mailbox_base = ${directory}/mail
virtual_mailbox_maps = texthash:${directory}/users
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
virtual_uid_maps = static:${MAIL.uid}
virtual_gid_maps = static:${MAIL.gid}
${delivery.kind === "lmtp" ? `virtual_transport = lmtp:inet:127.0.0.1:${delivery.port}` : ""}
`;

const milterCf = (port: number | undefined): string =>
  port === undefined ? "" : `smtpd_milters = inet:127.0.0.1:${port}\nmilter_default_action = tempfail\n`;

export const masterCf = (port: number): string => `127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
