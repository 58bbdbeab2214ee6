import { existsSync } from "node:fs";
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { FAMILIES, type Family } from "../doctor/checks.ts";
import { examine, type Plan } from "../doctor/examine.ts";
import type { Proof } from "../doctor/proof.ts";
import { postfixFindings } from "../doctor/postfix-lint.ts";
import { readDirectory } from "../postfix/read-directory.ts";
import { realNet } from "../doctor/net.ts";
import { planForOurselves } from "../doctor/net-ourselves.ts";
import type { Net } from "../doctor/probe.ts";
import { partTrial } from "../doctor/trial.ts";
import { SCHEMES } from "../doctor/place.ts";
import { foreignPlan, hostPlan } from "../doctor/targets.ts";
import { configFile, globals, type GlobalOptions } from "./context.ts";
import { checkedProof } from "./doctor-proof.ts";
import { outputOptions, showedKept, showExamined, type OutputFlags } from "./doctor-output.ts";
import { noMainCf } from "./import-postfix.ts";
import { terminalLanguage } from "./terminal-language.ts";

type DoctorFlags = OutputFlags & {
  readonly host?: string;
  readonly selector: readonly string[];
  readonly token?: string;
  readonly postfix?: string;
  readonly backup?: string;
  readonly dns: readonly string[];
  readonly helo?: string;
  readonly only?: readonly Family[];
};

/** `wachpost doctor [DOMAIN]`: looks at ourselves or at any mail domain and says what to do about it. Exit 0, 1 or 2. */
export function doctorCommand(program: Command): void {
  const doctor = program
    .command("doctor")
    .argument("[domain]", "a mail domain; without it this server and all its domains")
    .description("examine this server or any mail domain, and say how to fix what is found")
    .option(
      "--host <name:port>",
      "one server instead of the mail hosts of the domain; NAME[ADDRESS]:PORT: at that address; imaps://NAME:PORT",
    )
    .option("--selector <name>", "a DKIM selector of the domain; may be repeated", collect, [])
    .option(
      "--token <text>",
      "its SHA-256 is at _wachpost-doctor.DOMAIN (TXT): look at its servers as closely as at our own",
    )
    .option("--postfix <dir>", "also what the configuration of a Postfix says (lint postfix)")
    .option("--backup <dir>", "where backups are kept, to learn their age")
    .option("--dns <address:port>", "resolver to ask; may be repeated (default: as configured)", collect, [])
    .option("--only <families>", `only these, with commas: ${EXAMINED.join(", ")}`, familiesOf)
    .option("--helo <name>", "name to say in EHLO (default: the host name of this server, else our address)")
    .option("--last", "what the server found by itself, without a new examination");
  outputOptions(doctor).action(async (domain: string | undefined, flags: DoctorFlags, command: Command) => {
    const config = await ourConfig(globals(command));
    const subject = flags.host ?? domain ?? "self";
    if (await showedKept(command, flags, config, subject)) return;
    const net = await realNet(
      {
        dnsServers: flags.dns.length > 0 ? flags.dns : (config?.dns.servers ?? []),
        heloName: flags.helo ?? config?.hostname,
      },
      systemClock,
    );
    const plan = await planFor(domain, flags, config, net);
    const { only } = flags;
    const found = await examine(only === undefined ? plan : { ...plan, only }, net, showProgress);
    endProgress();
    const { looked, expected } = plan.trial === true ? partTrial(found) : { looked: found, expected: [] };
    await showExamined(command, flags, { subject, config, looked, expected });
  });
}

/** What is examined; attacks are another command. */
const EXAMINED = (Object.keys(FAMILIES) as Family[]).filter((name) => !name.startsWith("attack-"));

function familiesOf(text: string): readonly Family[] {
  return text.split(",").map((word) => {
    const name = word.trim();
    const known = EXAMINED.find((one) => one === name);
    if (known !== undefined) return known;
    throw new OperatorError(
      "bad-family",
      `${name} is no family of checks.`,
      `There are ${EXAMINED.join(", ")}.`,
    );
  });
}

const collect = (value: string, known: readonly string[]): readonly string[] => [...known, value];

/** A server that is not installed here has no configuration, and the doctor works all the same. */
async function ourConfig(options: GlobalOptions): Promise<Config | undefined> {
  const file = configFile(options);
  return options.config !== undefined || existsSync(file) ? await loadConfig(file) : undefined;
}

async function planFor(
  domainText: string | undefined,
  flags: DoctorFlags,
  config: Config | undefined,
  net: Net,
): Promise<Plan> {
  if (flags.postfix === undefined) return planOfHosts(domainText, flags, config, net);
  const findings = postfixFindings(readDirectory(flags.postfix), flags.postfix);
  if (findings === undefined) throw noMainCf(flags.postfix);
  // A Postfix by itself is enough to look at.
  const isAlone = domainText === undefined && flags.host === undefined && config === undefined;
  const plan = isAlone ? NOTHING : await planOfHosts(domainText, flags, config, net);
  return { ...plan, leftOut: [...plan.leftOut, ...findings] };
}

const NOTHING: Plan = { domains: [], addresses: [], hosts: [], leftOut: [] };

async function planOfHosts(
  domainText: string | undefined,
  flags: DoctorFlags,
  config: Config | undefined,
  net: Net,
): Promise<Plan> {
  const domain = domainText === undefined ? undefined : checkedDomain(domainText);
  const { token } = flags;
  const language = flags.lang ?? terminalLanguage();
  const proof =
    token === undefined ? undefined : await checkedProof({ token, domain, command: "doctor" }, net, language);
  if (flags.host !== undefined) return oneHost(flags.host, domain, net, proof);
  const { selector: selectors, backup: backups } = flags;
  const asked = { selectors, ...(domain ? { domain } : {}), ...(backups === undefined ? {} : { backups }) };
  const plan = config && (await planForOurselves(config, asked, net));
  if (plan !== undefined) return plan;
  if (domain === undefined)
    throw new OperatorError(
      "no-server",
      "There is no server of ours to examine.",
      "Name a domain (wachpost doctor example.org), a Postfix (--postfix /etc/postfix) or the configuration (--config FILE).",
    );
  return foreignPlan({ domain, selectors: flags.selector }, net, proof);
}

async function oneHost(
  text: string,
  domain: Domain | undefined,
  net: Net,
  proof: Proof | undefined,
): Promise<Plan> {
  const plan = await hostPlan(text, domain === undefined ? [] : [domain], net, proof);
  if (plan.ok) return plan.value;
  const [why, remedy] = REFUSED_HOSTS[plan.error];
  throw new OperatorError("bad-host", `${text} ${why}.`, remedy);
}

const REFUSED_HOSTS = {
  syntax: [
    "is not NAME:PORT",
    "Write it like mx.example.org:25, or with its address: --host 'mx.example.org[192.0.2.7]:25'.",
  ],
  scheme: ["begins with no service there is", `Write one of ${Object.keys(SCHEMES).join(", ")}.`],
  "no-name": [
    "has no reverse name that could be learned, and a certificate is held against a name",
    "Say what the server is called: --host 'mx.example.org[192.0.2.7]:25'.",
  ],
  "no-address": [
    "has no address in the DNS",
    "Check the spelling, or give the address: --host 'mx.example.org[192.0.2.7]:25'.",
  ],
} as const;

export function checkedDomain(text: string): Domain {
  const domain = parseDomain(text);
  if (domain !== undefined && domain.includes(".")) return domain;
  throw new OperatorError("bad-domain", `${text} is not a mail domain.`, "Write it like example.org.");
}

/** On a terminal, one line that is overwritten. */
function showProgress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}\r`);
}
function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
