/** Dovecot from Debian as somebody's old IMAP server: folders with flags, keywords and dates, over TLS and without. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnInPrefix, type Prefix } from "../bench/peer-packages.ts";
import { freePort } from "../e2e/server.ts";
import { AUTHORITY, issued } from "../doctor/certificates.ts";

const MAIL = { uid: 8, gid: 8 };
const START_MS = 20_000;
export const PASSWORD = "old secret";

export type OldMessage = {
  readonly octets: Buffer;
  /** Maildir letters, with keywords as `a` (`$Forwarded`) and `b` (`Später`). */
  readonly flags: string;
  readonly date_ms: number;
};
/** By the name of its Maildir++ directory, e.g. `.Gesendet`; empty: INBOX. */
export type OldMail = ReadonlyMap<string, readonly OldMessage[]>;

export class OldServer implements AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly #process: ChildProcess;

  private constructor(directory: string, port: number, tlsPort: number, process: ChildProcess) {
    this.directory = directory;
    this.port = port;
    this.tlsPort = tlsPort;
    this.#process = process;
  }

  static async start(prefix: Prefix, mail: OldMail): Promise<OldServer> {
    const directory = mkdtempSync(join(tmpdir(), "wachpost-old-server-"));
    for (const name of ["base", "state", "mail"]) mkdirSync(join(directory, name));
    chmodSync(directory, 0o755);
    const { certificate, key } = issued(["localhost"], -1, 10);
    writeFileSync(join(directory, "ca.pem"), AUTHORITY.certificate);
    writeFileSync(join(directory, "server.pem"), certificate);
    writeFileSync(join(directory, "server-key.pem"), key);
    const [port, tlsPort] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
    writeFileSync(join(directory, "password"), `${PASSWORD}\n`, { mode: 0o600 });
    writeFileSync(
      join(directory, "users"),
      `anna:{PLAIN}${PASSWORD}:${MAIL.uid}:${MAIL.gid}::${directory}/mail/anna\n`,
    );
    writeMaildir(join(directory, "mail/anna/Maildir"), mail);
    writeFileSync(join(directory, "dovecot.conf"), configuration(directory, port, tlsPort));
    const child = spawnInPrefix(prefix, "/usr/sbin/dovecot", ["-F", "-c", join(directory, "dovecot.conf")]);
    const server = new OldServer(directory, port, tlsPort, child);
    await server.#ready();
    return server;
  }

  /** What `import imap` needs to find it. */
  options(account: string): string[] {
    const password = join(this.directory, "password");
    const login = ["--user", "anna", "--password-file", password, "--account", account];
    const authority = join(this.directory, "ca.pem");
    return ["import", "imap", "--from", `localhost:${this.tlsPort}`, "--ca-file", authority, ...login];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      const exit = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      await exit;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    const end = Date.now() + START_MS;
    for (;;) {
      const socket = connect(this.port, "127.0.0.1");
      const greeted = await once(socket, "data", { signal: AbortSignal.timeout(2000) }).then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (greeted) return;
      if (Date.now() > end) throw new Error(`Dovecot did not start; see ${this.directory}/log`);
      await sleep(50);
    }
  }
}

function writeMaildir(maildir: string, mail: OldMail): void {
  let serial = 0;
  for (const [folder, messages] of mail) {
    const directory = join(maildir, folder);
    for (const name of ["cur", "new", "tmp"]) mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, "dovecot-keywords"), "0 $Forwarded\n1 Work\n");
    for (const { octets, flags, date_ms } of messages) {
      const name = `${1_700_000_000 + ++serial}.M${serial}P1.old,S=${octets.length}:2,${flags}`;
      const path = join(directory, "cur", name);
      writeFileSync(path, octets);
      utimesSync(path, date_ms / 1000, date_ms / 1000);
    }
  }
  ownAll(join(maildir, "../.."));
}

function ownAll(directory: string): void {
  for (const name of [".", ...(readdirSync(directory, { recursive: true }) as string[])])
    chownSync(join(directory, name), MAIL.uid, MAIL.gid);
}

const configuration = (directory: string, port: number, tlsPort: number): string => `protocols = imap
listen = 127.0.0.1
base_dir = ${directory}/base
state_dir = ${directory}/state
log_path = ${directory}/log
default_login_user = nobody
default_internal_user = list
default_internal_group = list
ssl = yes
ssl_cert = <${directory}/server.pem
ssl_key = <${directory}/server-key.pem
disable_plaintext_auth = no
auth_mechanisms = plain
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
namespace inbox {
  inbox = yes
  prefix = INBOX.
  separator = .
  mailbox Gesendet {
    special_use = \\Sent
    auto = subscribe
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
`;
