import type { ChildProcess } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnInPrefix, type Prefix } from "./peer-packages.ts";

const MAIL = { uid: 8, gid: 8 };

export type Dovecot = { readonly process: ChildProcess; readonly maildir: string };

/** Starts Dovecot's LMTP server with Maildir users `u0` ..., as its defaults are. */
export function startDovecot(prefix: Prefix, directory: string, lmtpPort: number, users: number): Dovecot {
  for (const name of ["base", "state", "mail"]) mkdirSync(join(directory, name), { recursive: true });
  chmodSync(directory, 0o755);
  chownSync(join(directory, "mail"), MAIL.uid, MAIL.gid);
  const lines = Array.from(
    { length: users },
    (_, i) => `u${i}:{PLAIN}secret:${MAIL.uid}:${MAIL.gid}::${directory}/mail/u${i}\n`,
  );
  writeFileSync(join(directory, "users"), lines.join(""));
  writeFileSync(join(directory, "dovecot.conf"), configuration(directory, lmtpPort));
  const child = spawnInPrefix(prefix, "/usr/sbin/dovecot", ["-F", "-c", join(directory, "dovecot.conf")]);
  return { process: child, maildir: join(directory, "mail") };
}

const configuration = (directory: string, lmtpPort: number): string => `protocols = lmtp
listen = 127.0.0.1
base_dir = ${directory}/base
state_dir = ${directory}/state
log_path = ${directory}/log
default_login_user = nobody
default_internal_user = list
default_internal_group = list
ssl = no
auth_username_format = %Ln
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {
  driver = passwd-file
  args = ${directory}/users
}
userdb {
  driver = passwd-file
  args = ${directory}/users
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${lmtpPort}
  }
}
`;
