import { InvalidArgumentError, Option, type Command } from "commander";
import { parseLogin } from "../accounts/login-name.ts";
import { parseDomain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { Secret } from "../base/secret.ts";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import type { Answers, PortName } from "../setup/answers.ts";
import type { Wishes } from "../setup/settle.ts";
import type { GlobalOptions } from "./context.ts";
import { readNamedFile } from "./named-file.ts";

export type SetupFlags = GlobalOptions & {
  readonly hostname?: string;
  readonly account?: string;
  readonly passwordFile?: string;
  readonly publicAddress: readonly string[];
  readonly acmeDirectory?: string;
  readonly acmeCa?: string;
  readonly challenge?: "http-01" | "dns-01";
  readonly dnsUpdate?: string;
  readonly tsig?: string;
  readonly zoneFile?: string;
  readonly dns: readonly string[];
  readonly user?: string;
  readonly unit?: string;
  readonly run?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly preflight?: true;
  readonly listen: readonly string[];
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
  readonly lang?: Language;
  readonly trust?: string;
  readonly authoritativePort?: number;
  readonly outside: readonly string[];
};

const collect = (value: string, known: readonly string[]): readonly string[] => [...known, value];

/** The options of `wachpost setup`; those for tests are not shown. */
export function addSetupOptions(command: Command): Command {
  return command
    .option("--hostname <name>", "name of this server (default: mail.DOMAIN)")
    .option("--account <login>", "first account, an administrator (default: you@DOMAIN)")
    .option("--password-file <file>", "its password; without one the server makes it and shows it once")
    .option("--public-address <address>", "address the world reaches it at; may be repeated", collect, [])
    .option("--acme-directory <url>", "certificate authority (default: Let's Encrypt); `none`: our own")
    .option("--acme-ca <file>", "PEM of authorities trusted for the ACME directory itself")
    .addOption(
      new Option(
        "--challenge <kind>",
        "proof for the authority (default: dns-01 with --dns-update, else http-01)",
      ).choices(["http-01", "dns-01"]),
    )
    .option("--dns-update <server[:port]>", "DNS server that takes dynamic updates (RFC 2136)")
    .option(
      "--tsig <name:algorithm:file>",
      "key for it: name, hmac-sha256 or hmac-sha512, file with the secret",
    )
    .option("--zone-file <file>", "also write all DNS records to this file")
    .option(
      "--dns <address:port>",
      "resolver to ask; may be repeated (default: those of the system)",
      collect,
      [],
    )
    .option("--user <name>", "system user the server runs as (default for root: wachpost)")
    .option("--unit <file>", "systemd unit to write; `none`: no unit")
    .option("--run", "in a container: run the server below this command, until a signal")
    .option("--preflight", "only look at this machine and its address; exit 1 on failures")
    .option("--dry-run", "say what would be done and change nothing")
    .option("-y, --yes", "take every default, ask nothing, accept the terms of the certificate authority")
    .option("--listen <address>", "address to listen on; may be repeated (default: all)", collect, [])
    .option(
      "--ports <name=port,...>",
      "other ports than 25, 465, 993, 443 and 80: smtp, submissions, imaps, web, http",
      ports,
      {},
    )
    .addOption(new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES))
    .addOption(new Option("--trust <file>").hideHelp())
    .addOption(new Option("--authoritative-port <port>").argParser(Number).hideHelp())
    .addOption(new Option("--outside <address:port>").argParser(collect).default([]).hideHelp());
}

function ports(text: string): Readonly<Partial<Record<PortName, number>>> {
  const pairs = text.split(",").map((pair) => {
    const [, name = "", port = ""] =
      /^(smtp|submissions|imaps|web|http)=([0-9]{1,5})$/.exec(pair.trim()) ?? [];
    if (name === "" || Number(port) < 1 || Number(port) > 65_535)
      throw new InvalidArgumentError("write it like smtp=2525,imaps=9993");
    return [name, Number(port)];
  });
  return Object.fromEntries(pairs) as Partial<Record<PortName, number>>;
}

const wrong = (code: string, message: string, remedy: string): OperatorError =>
  new OperatorError(code, message, remedy);

/** Flags that were looked at. */
export function wishesOf(flags: SetupFlags): Wishes {
  const hostName = flags.hostname === undefined ? undefined : checkedHost(flags.hostname);
  const account = flags.account === undefined ? undefined : checkedLogin(flags.account);
  const dnsUpdate = updateOf(flags);
  return {
    publicAddresses: flags.publicAddress.map(checkedAddress),
    listen: flags.listen.map(checkedAddress),
    ports: flags.ports,
    dnsServers: flags.dns.map(checkedServer),
    ...(hostName === undefined ? {} : { hostName }),
    ...(account === undefined ? {} : { account }),
    ...(flags.config === undefined ? {} : { config: flags.config }),
    ...(flags.user === undefined ? {} : { user: checkedUser(flags.user) }),
    ...(flags.run ? { unit: "none" } : flags.unit === undefined ? {} : { unit: flags.unit }),
    ...(flags.acmeDirectory === undefined ? {} : { acmeDirectory: checkedUrl(flags.acmeDirectory) }),
    ...(flags.acmeCa === undefined ? {} : { acmeCaFile: flags.acmeCa }),
    ...(flags.challenge === undefined ? {} : { challenge: flags.challenge }),
    ...(dnsUpdate === undefined ? {} : { dnsUpdate }),
    ...(flags.authoritativePort === undefined ? {} : { authoritativePort: flags.authoritativePort }),
    ...(flags.trust === undefined ? {} : { trust: flags.trust }),
  };
}

export function checkedHost(text: string): string {
  const name = parseDomain(text);
  if (name?.includes(".") === true) return name;
  throw wrong("bad-hostname", `${text} is not the name of a server.`, "Write it like mail.example.org.");
}

export function checkedLogin(text: string): string {
  const login = parseLogin(text);
  if (login !== undefined) return `${login.localPart}@${login.domain}`;
  throw wrong("bad-login", `${text} cannot be a login name.`, "Write it like anna@example.org.");
}

export function checkedAddress(text: string): string {
  const ip = parseIp(text);
  if (ip !== undefined) return ip.text;
  throw wrong("bad-address", `${text} is not an IP address.`, "Write it like 203.0.113.25 or 2001:db8::25.");
}

/** useradd(8) takes these. */
function checkedUser(text: string): string {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(text)) return text;
  throw wrong("bad-user", `${text} is not the name of a system user.`, "Write it like wachpost.");
}

function checkedServer(text: string): string {
  const [, address = "", port = "53"] = /^\[?([0-9A-Fa-f:.]+?)\]?(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  if (parseIp(address) !== undefined && Number(port) > 0 && Number(port) <= 65_535) return text;
  throw wrong(
    "bad-server",
    `${text} is not ADDRESS or ADDRESS:PORT.`,
    "Write it like 127.0.0.1:53 or [::1]:53.",
  );
}

function checkedUrl(text: string): string {
  if (text === "none" || (URL.canParse(text) && new URL(text).protocol === "https:")) return text;
  throw wrong(
    "bad-directory",
    `${text} is not the https URL of an ACME directory.`,
    "Leave it out for Let's Encrypt.",
  );
}

type Tsig = {
  readonly key: string;
  readonly algorithm: "hmac-sha256" | "hmac-sha512";
  readonly file: string;
};

function tsigOf(text: string): Tsig {
  const [, nameText = "", algorithm = "", file = ""] =
    /^([^:]+):(hmac-sha256|hmac-sha512):(.+)$/i.exec(text) ?? [];
  const key = parseDomain(nameText);
  if (key === undefined)
    throw wrong(
      "bad-tsig",
      `${text} is not NAME:ALGORITHM:FILE.`,
      "Write it like setup-key:hmac-sha256:/root/setup.key.",
    );
  return { key, algorithm: algorithm.toLowerCase() as Tsig["algorithm"], file };
}

function updateOf({ dnsUpdate: server, tsig }: SetupFlags): Answers["dnsUpdate"] {
  if (server === undefined && tsig === undefined) return undefined;
  if (server === undefined || tsig === undefined)
    throw wrong("half-an-update", "--dns-update and --tsig belong together.", "Give both, or neither.");
  const { key, algorithm } = tsigOf(tsig);
  return { server: checkedServer(server), key, algorithm };
}

/** Base64 alone, or the file `tsig-keygen` writes. */
export async function updateSecretOf({ tsig }: SetupFlags): Promise<Secret | undefined> {
  if (tsig === undefined) return undefined;
  const { file } = tsigOf(tsig);
  const text = await readNamed(file);
  const secret = (/\bsecret\s+"([^"]+)"/.exec(text)?.[1] ?? text).trim();
  if (/^[A-Za-z0-9+/]{16,}={0,2}$/.test(secret)) return new Secret(secret);
  throw wrong("bad-tsig-secret", `${file} holds no secret in base64.`, "Make one with tsig-keygen.");
}

export async function passwordOf({ passwordFile }: SetupFlags): Promise<Secret | undefined> {
  if (passwordFile === undefined) return undefined;
  const text = (await readNamed(passwordFile)).replace(/\r?\n$/, "");
  if (text !== "") return new Secret(text);
  throw wrong(
    "no-password",
    `${passwordFile} is empty.`,
    "Write the password into it, or leave the option out to have one made.",
  );
}

const readNamed = async (file: string): Promise<string> => (await readNamedFile(file)).toString("utf8");

/** Where tests have their stranger's mail server. */
export function outsideOf({
  outside,
}: SetupFlags): readonly { readonly host: string; readonly port: number }[] | undefined {
  if (outside.length === 0) return undefined;
  return outside.map((text) => {
    const at = text.lastIndexOf(":");
    return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
  });
}
