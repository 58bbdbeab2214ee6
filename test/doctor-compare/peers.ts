/** Postfix, Exim and Dovecot from Debian on loopback: as they come, and configured as badly as they let themselves be. */
import type { ChildProcess } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { layQueue, masterCf } from "../bench/peer-postfix.ts";
import { spawnInPrefix, type Prefix } from "../bench/peer-packages.ts";
import { rsaCertificate } from "../doctor/certificates.ts";
import type { Service } from "../../src/doctor/probe.ts";

export type Peer = {
  readonly name: string;
  readonly service: Service;
  readonly port: number;
  /** The words of the configuration that matter here. */
  readonly settings: string;
  start(prefix: Prefix, directory: string): ChildProcess;
};

export const PACKAGES = [
  "postfix",
  "exim4-daemon-light",
  "exim4-base",
  "libidn12",
  "dovecot-core",
  "dovecot-imapd",
  "dovecot-pop3d",
];
export const HOST = "mail.example.org";
export const DOMAIN = "example.org";
const EVERYTHING = "ALL:COMPLEMENTOFALL:aNULL:eNULL:@SECLEVEL=0";
/** Debian's user of Exim is not made; every Debian has this one. */
const MAIL = { uid: 8, gid: 8 };

/** As ssl-cert's snakeoil: self-signed, RSA of 2,048 bits. */
function layCertificate(directory: string): void {
  const pair = rsaCertificate(HOST, 2048, "sha256");
  writeFileSync(join(directory, "key.pem"), pair.key);
  writeFileSync(join(directory, "cert.pem"), pair.certificate);
  chmodSync(join(directory, "key.pem"), 0o600);
  chmodSync(directory, 0o755);
}

const postfix = (name: string, port: number, settings: string): Peer => ({
  name,
  service: "smtp",
  port,
  settings,
  start(prefix, directory) {
    layQueue(directory);
    layCertificate(directory);
    writeFileSync(join(directory, "etc/main.cf"), `${postfixBase(directory)}${settings}\n`);
    writeFileSync(join(directory, "etc/master.cf"), masterCf(port));
    return spawnInPrefix(prefix, "/usr/lib/postfix/sbin/master", ["-c", join(directory, "etc")]);
  },
});

const postfixBase = (directory: string): string => `compatibility_level = 3.6
queue_directory = ${directory}/spool
data_directory = ${directory}/data
mail_owner = list
setgid_group = staff
default_privs = nobody
myhostname = ${HOST}
mydestination = ${DOMAIN}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.0/24
maillog_file_prefixes = ${directory}
maillog_file = ${directory}/log
smtp_dns_support_level = disabled
alias_maps = inline:{{postmaster=nobody}, {abuse=nobody}}
alias_database =
local_recipient_maps = $alias_maps
smtpd_tls_cert_file = ${directory}/cert.pem
smtpd_tls_key_file = ${directory}/key.pem
smtpd_tls_security_level = may
`;

const exim = (name: string, port: number, global: string, relay: string, settings: string): Peer => ({
  name,
  service: "smtp",
  port,
  settings,
  start(prefix, directory) {
    layCertificate(directory);
    for (const file of ["key.pem", "cert.pem"]) chownSync(join(directory, file), MAIL.uid, MAIL.gid);
    for (const part of ["spool", "logs"]) {
      mkdirSync(join(directory, part));
      chownSync(join(directory, part), MAIL.uid, MAIL.gid);
    }
    writeFileSync(join(directory, "exim.conf"), eximConf(directory, port, global, relay));
    // Its user is built in; for this process alone there is one.
    for (const [file, line] of [
      ["passwd", `Debian-exim:x:${MAIL.uid}:${MAIL.gid}::/:/bin/false`],
      ["group", `Debian-exim:x:${MAIL.gid}:`],
    ] as const)
      writeFileSync(join(directory, file), `${readFileSync(`/etc/${file}`, "utf8")}${line}\n`);
    const command = `mount --bind ${directory}/passwd /etc/passwd && mount --bind ${directory}/group /etc/group && exec /usr/sbin/exim4 -C ${directory}/exim.conf -bdf`;
    return spawnInPrefix(prefix, "/bin/sh", ["-c", command]);
  },
});

/** The recipient rules of the default configuration, without its comments. */
const eximConf = (directory: string, port: number, global: string, relay: string): string => `
primary_hostname = ${HOST}
domainlist local_domains = ${DOMAIN}
hostlist relay_from_hosts = ${relay}
exim_user = mail
exim_group = mail
spool_directory = ${directory}/spool
log_file_path = ${directory}/logs/%s
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
pid_file_path = ${directory}/pid
acl_smtp_rcpt = acl_check_rcpt
tls_advertise_hosts = *
tls_certificate = ${directory}/cert.pem
tls_privatekey = ${directory}/key.pem
never_users = root
${global}
begin acl
acl_check_rcpt:
  accept hosts = :
  deny domains = +local_domains
       local_parts = ^[.] : ^.*[@%!/|]
  deny domains = !+local_domains
       local_parts = ^[./|] : ^.*[@%!] : ^.*/\\\\.\\\\./
       !hosts = +relay_from_hosts
  accept local_parts = postmaster
         domains = +local_domains
  accept hosts = +relay_from_hosts
         control = submission
  require message = relay not permitted
          domains = +local_domains
  require verify = recipient
  accept
begin routers
local_user:
  driver = accept
  domains = +local_domains
  local_parts = postmaster : abuse
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
begin retry
* * F,2h,15m
`;

const dovecot = (name: string, port: number, protocol: "imap" | "pop3", settings: string): Peer => ({
  name,
  service: protocol,
  port,
  settings,
  start(prefix, directory) {
    layCertificate(directory);
    for (const part of ["base", "state"]) mkdirSync(join(directory, part));
    writeFileSync(join(directory, "users"), `anna:{PLAIN}secret:${MAIL.uid}:${MAIL.gid}::${directory}\n`);
    writeFileSync(join(directory, "dovecot.conf"), dovecotConf(directory, port, protocol, settings));
    return spawnInPrefix(prefix, "/usr/sbin/dovecot", ["-F", "-c", join(directory, "dovecot.conf")]);
  },
});

const dovecotConf = (directory: string, port: number, protocol: string, settings: string): string => `
protocols = ${protocol}
listen = 127.0.0.2
base_dir = ${directory}/base
state_dir = ${directory}/state
log_path = ${directory}/log
default_login_user = nobody
default_internal_user = list
default_internal_group = list
login_trusted_networks =
ssl = yes
ssl_cert = <${directory}/cert.pem
ssl_key = <${directory}/key.pem
first_valid_uid = 1
mail_location = maildir:${directory}/mail
passdb {
  driver = passwd-file
  args = ${directory}/users
}
userdb {
  driver = passwd-file
  args = ${directory}/users
}
service ${protocol}-login {
  chroot =
  inet_listener ${protocol} {
    port = ${port}
  }
  inet_listener ${protocol}s {
    port = 0
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
${settings}
`;

/** Dovecot believes that its own address is secure, so it is asked at another one of this machine. */
export const addressOf = ({ service }: Peer): string => (service === "smtp" ? "127.0.0.1" : "127.0.0.2");

export const PEERS: readonly Peer[] = [
  postfix("Postfix as it comes", 26001, ""),
  postfix(
    "Postfix, badly",
    26002,
    `mynetworks = 0.0.0.0/0
disable_vrfy_command = no
smtpd_forbid_bare_newline = no
smtpd_tls_protocols = >=SSLv3
smtpd_tls_ciphers = null
tls_null_cipherlist = ${EVERYTHING}
smtpd_tls_eecdh_grade = auto
tls_preempt_cipherlist = no`,
  ),
  exim("Exim as it comes", 26003, "", "192.0.2.0/24", ""),
  exim(
    "Exim, badly",
    26004,
    "acl_smtp_vrfy = accept\nacl_smtp_expn = accept\ntls_require_ciphers = NORMAL:+VERS-TLS-ALL:+ANON-ECDH:+ANON-DH:+ARCFOUR-128:+3DES-CBC:+RSA:%COMPAT:%SERVER_PRECEDENCE",
    "0.0.0.0/0",
    "relay_from_hosts = 0.0.0.0/0, acl_smtp_vrfy = accept, TLS from 1.0 with RC4 and anonymous suites",
  ),
  dovecot("Dovecot as it comes, IMAP", 26005, "imap", ""),
  dovecot(
    "Dovecot, badly, IMAP",
    26006,
    "imap",
    `disable_plaintext_auth = no\nssl_min_protocol = ANY\nssl_cipher_list = ${EVERYTHING}`,
  ),
  dovecot(
    "Dovecot, badly, POP3",
    26007,
    "pop3",
    `disable_plaintext_auth = no\nssl_min_protocol = ANY\nssl_cipher_list = ${EVERYTHING}`,
  ),
];

/** When the port answers; false after fifteen seconds, with what the log says. */
export async function answers(peer: Peer): Promise<boolean> {
  const end_ms = Date.now() + 15_000;
  while (Date.now() < end_ms) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(peer.port, addressOf(peer));
      socket.once("data", () => resolve(true));
      socket.once("error", () => resolve(false));
      setTimeout(() => resolve(false), 2_000).unref();
      socket.once("close", () => resolve(false));
    });
    if (isOpen) return true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return false;
}

/** The last lines of the log of a peer that did not start. */
export function logOf(directory: string): string {
  for (const name of ["log", "logs/main", "logs/panic"]) {
    try {
      return readFileSync(join(directory, name), "utf8").trim().split("\n").slice(-3).join("\n");
    } catch {}
  }
  return "no log";
}
