import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { jsonLog } from "../base/log-output.ts";
import { settingsDigest } from "../config/digest.ts";
import { readConfig } from "../config/load.ts";
import { noteStart, rememberTried } from "../config/tried.ts";
import { globals, outputOf, TRY_CONFIG, TRY_DATA, TRY_HEADING } from "./context.ts";
import type { StartServer } from "./running-server.ts";
import { selfTest, type SelfTestResult } from "./self-test.ts";
import { firstAccount, takeBack } from "./try-account.ts";
import { untilSignal } from "./until-signal.ts";
import { sendWelcome } from "./welcome.ts";

const DOMAIN = "wachpost.test";
const LOGIN = `you@${DOMAIN}`;
const PORTS = {
  smtp: 2525,
  submissions: 4465,
  submission: 5587,
  imaps: 9993,
  pop3s: 9995,
  web: 8443,
} as const;
type Ports = Record<keyof typeof PORTS, number>;

/** `wachpost try`: a whole server on loopback in seconds, with nothing to configure and nothing shared. */
export function tryCommand(program: Command, startServer: StartServer): void {
  program
    .command("try")
    .description("run a full server on 127.0.0.1 to try it out; data in ./wachpost-data (--data DIR)")
    .option("--port-offset <n>", "add N to every port", portOffset, 0)
    .action(async (options: { portOffset: number }, command: Command) => {
      const directory = resolve(globals(command).data ?? TRY_DATA);
      const ports = shifted(options.portOffset);
      const stopped = untilSignal();
      const password = await firstAccount(directory, LOGIN);
      const server = await started(startServer, directory, ports, password !== undefined);
      const ca = await readFile(server.authorityFile ?? "", "utf8");
      if (password !== undefined) await sendWelcome({ port: ports.smtp, ca, recipient: LOGIN });
      const results = await selfTest({ ports, ca, login: LOGIN, password, address: LOGIN });
      const summary = {
        ready: true,
        host: "127.0.0.1",
        ports,
        login: LOGIN,
        password,
        ca: server.authorityFile,
        data: directory,
        selfTest: results,
      };
      outputOf(command).show(summary, page(ports, password, server.authorityFile ?? "", directory, results));
      if (results.some((result) => !result.ok)) process.exitCode = 1;
      else rememberTried(directory, settingsDigest(configText(directory, ports)));
      await stopped;
      await server.stop();
    });
}

/** A start that fails leaves nothing behind that a later one would trip over. */
async function started(
  startServer: StartServer,
  directory: string,
  ports: Ports,
  accountIsNew: boolean,
): Promise<Awaited<ReturnType<StartServer>>> {
  const text = configText(directory, ports);
  try {
    const server = await startServer(
      readConfig(text, TRY_CONFIG),
      jsonLog({ level: "warn", file: undefined }),
    );
    // Not before: what is there may describe another server that runs on these data.
    await writeFile(join(directory, TRY_CONFIG), text, { mode: 0o600 });
    noteStart(directory, { digest: settingsDigest(text), pid: process.pid, at_ms: Date.now() });
    return server;
  } catch (error) {
    // Its password was never shown, and never would be.
    if (accountIsNew) await takeBack(directory, LOGIN);
    throw error;
  }
}

function portOffset(text: string): number {
  const offset = Number(text);
  if (Number.isInteger(offset) && offset >= 0 && offset <= 50_000) return offset;
  throw new InvalidArgumentError("a number from 0 to 50000 is wanted");
}

const shifted = (offset: number): Ports => ({
  smtp: PORTS.smtp + offset,
  submissions: PORTS.submissions + offset,
  submission: PORTS.submission + offset,
  imaps: PORTS.imaps + offset,
  pop3s: PORTS.pop3s + offset,
  web: PORTS.web + offset,
});

/** Written beside the data, so that every other command finds it and a reader sees how little it takes. */
function configText(directory: string, ports: Ports): string {
  const listener = (name: keyof Ports): string =>
    `[listeners.${name}]\nenabled = true\naddresses = ["127.0.0.1"]\nport = ${ports[name]}\n`;
  return [
    TRY_HEADING,
    `hostname = "mail.${DOMAIN}"`,
    `data = ${JSON.stringify(directory)}`,
    ...(Object.keys(PORTS) as (keyof Ports)[]).map(listener),
  ].join("\n");
}

/** As wide as the widest port. */
const column = (port: number): string => String(port).padEnd(5);

function page(
  ports: Ports,
  password: string | undefined,
  ca: string,
  directory: string,
  results: readonly SelfTestResult[],
): string {
  const secret = password ?? "PASSWORD";
  const user = `--user '${LOGIN}:${secret}'`;
  return `
  Wachpost is running on 127.0.0.1; Ctrl-C stops it.

  account      ${LOGIN}
  password     ${password ?? `as shown at the first start (new one: npx wachpost account password ${LOGIN} --generate)`}
  certificate  ${ca}  (our own authority; programs must be told to trust it)
  data         ${directory}

  SMTP         ${column(ports.smtp)}  mail from other servers, STARTTLS
  submissions  ${column(ports.submissions)}  sending, TLS
  submission   ${column(ports.submission)}  sending, STARTTLS
  IMAPS        ${column(ports.imaps)}  reading, TLS
  POP3S        ${column(ports.pop3s)}  fetching, TLS
  HTTPS        ${column(ports.web)}  https://localhost:${ports.web}/  settings for mail programs; /metrics

  Self-test
${results.map((result) => `  ${result.ok ? "ok  " : "FAIL"} ${result.name}: ${result.detail}`).join("\n")}

  Send yourself a mail, then read the newest:

  printf 'From: <${LOGIN}>\\nTo: <${LOGIN}>\\nSubject: Hello\\n\\nIt works.\\n' | curl -sS --crlf --cacert ${ca} ${user} \\
    --url smtps://localhost:${ports.submissions} --mail-from ${LOGIN} --mail-rcpt ${LOGIN} --upload-file -
  curl -sS --cacert ${ca} ${user} 'imaps://localhost:${ports.imaps}/INBOX;MAILINDEX=*'

  Look inside, from another terminal in this directory: npx wachpost explain ${LOGIN}, npx wachpost --help
`;
}
