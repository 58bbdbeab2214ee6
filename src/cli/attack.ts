import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { Secret } from "../base/secret.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { attack, type AttackReport } from "../doctor/attack/attack.ts";
import { ATTACKED } from "../doctor/attack/cases.ts";
import type { AttackAccount, AttackTarget } from "../doctor/attack/contract.ts";
import { attackText } from "../doctor/attack/report-text.ts";
import type { CheckId } from "../doctor/checks.ts";
import { attackNet, attackOurselves } from "../doctor/net-attack.ts";
import type { HostTarget, Net } from "../doctor/probe.ts";
import type { Proof } from "../doctor/proof.ts";
import { attackedMailHost } from "../doctor/targets.ts";
import type { Language } from "../journal/words/language.ts";
import { configFile, globals } from "./context.ts";
import { checkedDomain } from "./doctor.ts";
import { checkedProof, notProven } from "./doctor-proof.ts";
import { outputOptions, showedKept, showExamined, type OutputFlags } from "./doctor-output.ts";
import { terminalLanguage } from "./terminal-language.ts";

type AttackFlags = OutputFlags & {
  readonly light?: boolean;
  readonly only: readonly CheckId[];
  readonly account?: string;
  readonly passwordFile?: string;
  readonly token?: string;
};

/** `wachpost attack [DOMAIN]`: attacks our own running server, or one that is proven to be the caller's. Exit 0, 1 or 2. */
export function attackCommand(program: Command): void {
  const command = program
    .command("attack")
    .argument("[domain]", "a mail domain of another server; needs --token")
    .description("attack this server at its own doors, within a budget, and say what it did")
    .option("--light", "half a minute: nothing heavy, no slow senders")
    .option("--only <check>", "this attack only; may be repeated", oneCheck, [])
    .option("--account <login>", "a mailbox to attack from (default: a temporary one, made and removed)")
    .option("--password-file <file>", "file with its password")
    .option("--token <text>", "its SHA-256 is at _wachpost-doctor.DOMAIN (TXT): the server is yours");
  outputOptions(command).action(async (domain: string | undefined, flags: AttackFlags, called: Command) => {
    const file = configFile(globals(called));
    const config = existsSync(file) ? await loadConfig(file) : undefined;
    const subject = domain === undefined ? "attack" : `attack-${domain}`;
    if (await showedKept(called, flags, config, subject)) return;
    const report =
      domain === undefined ? await attackUs(config, flags) : await attackProven(domain, flags, config);
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    const { findings, ...cost } = report;
    await showExamined(called, flags, {
      subject,
      config,
      looked: findings,
      expected: [],
      told: { text: (style) => attackText(report, style), json: cost },
    });
  });
}

function oneCheck(text: string, known: readonly CheckId[]): readonly CheckId[] {
  const found = ATTACKED.find((check) => check === text);
  if (found === undefined) throw new InvalidArgumentError(`no such attack; there are ${ATTACKED.join(", ")}`);
  return [...known, found];
}

async function attackUs(config: Config | undefined, flags: AttackFlags): Promise<AttackReport> {
  const account = await namedAccount(flags);
  const report =
    config === undefined
      ? undefined
      : await attackOurselves(config, systemClock, {
          ...options(flags),
          ...(account === undefined ? {} : { account }),
          untilInterrupted,
        });
  if (report !== undefined) return report;
  throw new OperatorError(
    "no-server",
    "There is no server of ours to attack.",
    "Name its configuration (--config FILE), or a domain with --token.",
  );
}

/** Who is interrupted takes his mailbox with him. */
function untilInterrupted(leave: () => Promise<void>): Disposable {
  const interrupted = (): void => void leave().then(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  return { [Symbol.dispose]: () => void process.off("SIGINT", interrupted).off("SIGTERM", interrupted) };
}

async function namedAccount({ account, passwordFile }: AttackFlags): Promise<AttackAccount | undefined> {
  if (account === undefined && passwordFile === undefined) return undefined;
  if (account === undefined || passwordFile === undefined)
    throw new OperatorError(
      "half-account",
      "--account and --password-file belong together.",
      "Name both, or neither to have an account made.",
    );
  const password = (await readFile(passwordFile, "utf8")).replace(/\r?\n$/, "");
  return { login: account, password: new Secret(password) };
}

/** Somebody else's machine: the first of its mail hosts that is shown to be the caller's. */
async function attackProven(
  text: string,
  flags: AttackFlags,
  config: Config | undefined,
): Promise<AttackReport> {
  const net = await attackNet(config, systemClock);
  const domain = checkedDomain(text);
  const language = flags.lang ?? terminalLanguage();
  const proof = await checkedProof({ token: flags.token ?? "", domain, command: "attack" }, net, language);
  const host = await provenHost(proof, net, language);
  const account = await namedAccount(flags);
  const target: AttackTarget = {
    hosts: [host],
    domain,
    ...(account === undefined ? {} : { account }),
  };
  return await attack(target, net, options(flags));
}

async function provenHost(proof: Proof, net: Net, language: Language): Promise<HostTarget> {
  const host = await attackedMailHost(proof, net);
  if (host.ok) return host.value;
  if (host.error !== undefined) throw notProven(host.error, language);
  throw new OperatorError(
    "no-mail-host",
    `The DNS has no address of a mail host for ${proof.domain}.`,
    `See what is there: wachpost doctor ${proof.domain}`,
  );
}

const options = ({ light, only }: AttackFlags) => ({
  light: light === true,
  ...(only.length === 0 ? {} : { only }),
  progress: (what: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}\r`);
  },
});
