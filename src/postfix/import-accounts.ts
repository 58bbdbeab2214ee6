import { parseDomain } from "../base/domain-name.ts";
import { Secret } from "../base/secret.ts";
import { importMaps, qualified } from "./import-addresses.ts";
import { addDomain } from "./import-domains.ts";
import { note, noteEntry, type Importing } from "./importing.ts";
import { POSTFIX_LIMITS } from "./limits.ts";
import { isTakenScheme, isWeakScheme, parsePasswdFile } from "./tables/passwd-file.ts";
import { parseIndexedTable } from "./tables/table-text.ts";

/** Mailboxes of `virtual_mailbox_maps`, and dovecot's users with their hashes, which live until the next login. */
export function importAccounts(importing: Importing): void {
  importMaps(importing, "virtual_mailbox_maps", importMailboxes);
  if (importing.postfix.value("local_recipient_maps").includes("passwd.byname")) {
    const reason =
      "users of the system have no mailbox here; make accounts for them with `wachpost account add`";
    note(importing, "local_recipient_maps", ["not-carried-over", "", reason]);
  }
  for (const path of passwdFiles(importing)) importPasswdFile(importing, path);
}

function importMailboxes(importing: Importing, text: string, file: string): number {
  const { entries, faults } = parseIndexedTable(text);
  for (const { line, message } of faults)
    noteEntry(importing, { setting: "", file, line }, ["not-carried-over", "", message]);
  let count = 0;
  for (const { key, line } of entries) {
    const login = key.startsWith("@") ? undefined : qualified(importing, key);
    if (login === undefined || login.includes("+")) {
      noteEntry(importing, { setting: key, file, line }, [
        "not-carried-over",
        "",
        key.startsWith("@")
          ? "a mailbox has one name; make an alias @domain that leads to it"
          : "no login name",
      ]);
    } else if (importing.accounts.size < POSTFIX_LIMITS.entriesMax) {
      importing.accounts.set(login, { login });
      const domain = parseDomain(login.slice(login.lastIndexOf("@") + 1));
      // Without virtual_mailbox_domains the domains are those of the mailboxes.
      if (domain !== undefined && importing.postfix.setting("virtual_mailbox_domains") === undefined) {
        addDomain(importing, domain, "virtual_mailbox_maps");
      }
      count++;
    }
  }
  return count;
}

/** dovecot names its files as `args = … /etc/dovecot/users` or `passwd_file_path = …`. */
function passwdFiles(importing: Importing): readonly string[] {
  const { sources } = importing.postfix;
  const paths = new Set<string>();
  for (const path of sources.list().filter((name) => /dovecot.*\.(?:conf|ext)$/.test(name))) {
    const text = sources.read(path) ?? "";
    if (!/passwd-file|passwd_file/.test(text)) continue;
    for (const line of text.split("\n")) {
      const named = /^[ \t]*(?:args|passwd_file_path)[ \t]*=[ \t]*(?:.*[ \t])?(\/[^\s%]+)[ \t]*$/.exec(
        line.slice(0, 2000),
      );
      if (named !== null) paths.add(named[1] as string);
    }
  }
  for (const path of sources.list().filter((name) => /(?:^|\/)dovecot\/(?:users|passwd)$/.test(name)))
    paths.add(path);
  return [...paths].filter((path) => sources.read(path) !== undefined);
}

function importPasswdFile(importing: Importing, file: string): void {
  const { entries, faults } = parsePasswdFile(importing.postfix.sources.read(file) ?? "");
  for (const { line, message } of faults)
    noteEntry(importing, { setting: "", file, line }, ["not-carried-over", "", message]);
  for (const { user, scheme, hash, line } of entries) {
    const place = { setting: user, file, line };
    const login = qualified(importing, user);
    if (login === undefined || login.startsWith("@"))
      noteEntry(importing, place, ["not-carried-over", "", "no login name"]);
    else if (hash === "" || /^[!*]/.test(hash)) {
      importing.accounts.set(login, { login });
      noteEntry(importing, place, [
        "carried-over",
        login,
        "without a password: the account is made without one",
      ]);
    } else {
      importHash(importing, place, { login, scheme, hash });
    }
  }
}

function importHash(
  importing: Importing,
  place: { readonly setting: string; readonly file: string; readonly line: number },
  { login, scheme, hash }: { readonly login: string; readonly scheme: string; readonly hash: string },
): void {
  if (isTakenScheme(scheme)) {
    importing.accounts.set(login, { login, hash: { scheme, text: new Secret(hash) } });
    const reason = `${scheme} is good for the next login, then replaced by argon2id`;
    return noteEntry(importing, place, ["carried-over", login, reason]);
  }
  const weak = isWeakScheme(scheme);
  const withoutHash = weak
    ? `${scheme} keeps a password as good as readable: a new one is needed`
    : `${scheme} is not known here: a new password is needed`;
  importing.accounts.set(login, { login, withoutHash });
  noteEntry(importing, place, [weak ? "changed-for-safety" : "not-carried-over", login, withoutHash]);
}
