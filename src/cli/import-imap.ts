import type { Command } from "commander";
import { readFileSync } from "node:fs";
import { parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { Secret } from "../base/secret.ts";
import type { ImapHost } from "../moving/imap-connection.ts";
import { imapSource } from "../moving/imap-source.ts";
import { intoAccount, type IntoAccount } from "./import-into.ts";
import { runImport } from "./import-run.ts";

type Options = IntoAccount & {
  readonly from: string;
  readonly user: string;
  readonly passwordFile: string;
  readonly caFile?: string;
  readonly starttls?: boolean;
  readonly insecureLoopback?: boolean;
};

/** `wachpost import imap`: a mailbox of another server, whole, over IMAP. */
export function importImapCommand(group: Command): void {
  const imap = group
    .command("imap")
    .requiredOption("--from <host:port>", "the other server; without a port 993")
    .requiredOption("--user <name>", "login name there")
    .requiredOption("--password-file <file>", "file that holds the password there");
  intoAccount(imap)
    .option("--ca-file <file>", "PEM file of an authority trusted beside the public ones")
    .option("--starttls", "TLS by STARTTLS (what port 143 always means)")
    .option("--insecure-loopback", "no TLS, for a server on this machine's loopback address only")
    .description("bring over all mail of an account by IMAP; interrupted and run again it goes on")
    .action((options: Options, command: Command) =>
      runImport(command, options.account, () => {
        const login = { user: options.user, password: passwordIn(options.passwordFile) };
        return imapSource(hostOf(options), login, options.map);
      }),
    );
}

function hostOf({ from, starttls, insecureLoopback, caFile }: Options): ImapHost {
  const parts = /^(\[[0-9A-Fa-f:.]+\]|[^:\s]+)(?::([0-9]{1,5}))?$/.exec(from);
  const host = (parts?.[1] ?? "").replace(/^\[(.*)\]$/, "$1");
  const port = Number(parts?.[2] ?? (starttls === true ? 143 : 993));
  if (host === "" || port < 1 || port > 65_535)
    throw new OperatorError(
      "bad-host",
      `${from} is not HOST or HOST:PORT.`,
      "Write it like imap.example.net:993.",
    );
  if (insecureLoopback === true && !isLoopback(host))
    throw new OperatorError(
      "not-loopback",
      `Without TLS a password goes to this machine's own addresses only, not to ${host}.`,
      "Leave --insecure-loopback out; an own authority is named with --ca-file.",
    );
  const security =
    insecureLoopback === true ? "none" : starttls === true || port === 143 ? "starttls" : "tls";
  return { host, port, security, ...(caFile === undefined ? {} : { authorityFile: caFile }) };
}

/** An address, not a name: a name leads where somebody's DNS says. */
const isLoopback = (host: string): boolean => {
  const address = parseIp(host);
  return address !== undefined && (address.text.startsWith("127.") || address.text === "::1");
};

/** A trailing line end belongs to the editor, not to the password. */
function passwordIn(file: string): Secret {
  let text = "";
  try {
    text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new OperatorError(
      "file-unreadable",
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Name the file that holds the password with --password-file.",
    );
  }
  if (text !== "" && !/[\r\n\0]/.test(text)) return new Secret(text);
  throw new OperatorError(
    "no-password",
    `${file} does not hold one line with a password.`,
    "Write it there, alone.",
  );
}
