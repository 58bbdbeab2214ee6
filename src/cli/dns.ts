import { Option, type Command } from "commander";
import { signingRecords } from "../accounts/signing-keys.ts";
import { systemClock } from "../base/clock.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import { resolver } from "../dns/configured.ts";
import { compareAll, type Compared } from "../doctor/compare.ts";
import { publicSources } from "../doctor/sources.ts";
import { ownPolicyOf } from "../doctor/own-policy.ts";
import { recordsOf } from "../doctor/probes/answers.ts";
import { publishedRecords, zoneFileLine, type DomainFacts } from "../doctor/published.ts";
import { DNS_ADVICE, STATE_WORDS } from "../doctor/words/dns-advice.ts";
import { say } from "../doctor/words/phrase.ts";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import { isPublicAddress } from "../tls/public-address.ts";
import { ownIssuer } from "../tls/own-issuer.ts";
import { servedKeys } from "../tls/served-keys.ts";
import { tlsaOwners } from "../tls/tlsa-owners.ts";
import { configFile, globals, outputOf } from "./context.ts";
import { checkedDomain } from "./doctor.ts";
import { terminalLanguage } from "./terminal-language.ts";
import { withManaging } from "./managing.ts";

type DnsFlags = {
  readonly zoneFile?: boolean;
  readonly address: readonly string[];
  readonly dns: readonly string[];
  readonly lang?: Language;
};

/** `wachpost dns DOMAIN`: the records a domain of ours should have, and what the DNS has. Exit 1 if a needed one is not right. */
export function dnsCommand(program: Command): void {
  const collect = (value: string, known: readonly string[]): readonly string[] => [...known, value];
  program
    .command("dns")
    .argument("<domain>")
    .description("the DNS records a domain of this server needs, and which of them are there")
    .option("--zone-file", "only the lines for the zone file, without asking what is there")
    .option("--address <address>", "public address of this server; may be repeated", collect, [])
    .option("--dns <address:port>", "resolver to ask; may be repeated (default: as configured)", collect, [])
    .addOption(new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES))
    .action(async (text: string, flags: DnsFlags, command: Command) => {
      const domain = checkedDomain(text);
      const config = await loadConfig(configFile(globals(command)));
      const dns = await resolver(flags.dns.length > 0 ? flags.dns : config.dns.servers, systemClock);
      const facts = await factsOf(domain, config, flags, dns, command);
      const records = publishedRecords(facts);
      if (flags.zoneFile === true)
        return outputOf(command).show(records, records.map(zoneFileLine).join("\n"));
      const compared = await compareAll(records, facts, dns, systemClock);
      const value = compared.map(({ record, state, found }) => ({
        ...record,
        line: zoneFileLine(record),
        state,
        found,
      }));
      outputOf(command).show(
        { schema: 1, domain, records: value },
        page(compared, flags.lang ?? terminalLanguage()),
      );
      if (compared.some(isWrong)) process.exitCode = 1;
    });
}

const isWrong = ({ record, state }: Compared): boolean =>
  record.need === "needed" && (state === "missing" || state === "different");

async function factsOf(
  domain: Domain,
  config: Config,
  flags: DnsFlags,
  dns: Dns,
  command: Command,
): Promise<DomainFacts> {
  const hostName = parseDomain(config.hostname) as Domain;
  const keys = await withManaging(command, (managing) => signingRecords(managing, domain));
  const { submissions, imaps, web } = config.listeners;
  return {
    domain,
    hostName,
    addresses: await addressesOf(hostName, config, flags, dns),
    sources: publicSources(config),
    keys,
    ports: {
      ...(submissions.enabled ? { submissions: submissions.port } : {}),
      ...(imaps.enabled ? { imaps: imaps.port } : {}),
    },
    issuer: await ownIssuer(config),
    tlsa: { owners: await countingOwners(config, flags, dns), ...(await servedKeys(config)) },
    ...(web.enabled ? { web: { port: web.port, policyId: ownPolicyOf(config).id } } : {}),
  };
}

/** The names that count: the others only where the DNS has records of them. */
async function countingOwners(config: Config, { zoneFile }: DnsFlags, dns: Dns): Promise<readonly Domain[]> {
  const { main, others } = tlsaOwners(config);
  const owners = [main];
  for (const name of zoneFile === true ? [] : others)
    if ((await dns.query(name, "TLSA")).kind === "records") owners.push(name);
  return owners;
}

/** What the operator says, else public addresses we listen on, else what the DNS has. */
async function addressesOf(
  hostName: Domain,
  config: Config,
  { address: named, zoneFile }: DnsFlags,
  dns: Dns,
): Promise<readonly string[]> {
  if (named.length > 0) return named.map(checkedAddress);
  const listening = config.listeners.smtp.addresses.filter((text) => {
    const ip = parseIp(text);
    return ip !== undefined && isPublicAddress(ip);
  });
  if (listening.length > 0 || zoneFile === true) return listening;
  const answers = [await dns.query(hostName, "A"), await dns.query(hostName, "AAAA")];
  return answers.flatMap((answer) => recordsOf(answer) ?? []);
}

function checkedAddress(text: string): string {
  const ip = parseIp(text);
  if (ip !== undefined) return ip.text;
  throw new OperatorError(
    "bad-address",
    `${text} is not an IP address.`,
    "Write it like 203.0.113.25 or 2001:db8::25.",
  );
}

const MARKS = { ok: "✓", missing: "✗", different: "✗", unknown: "?" } as const;

function page(compared: readonly Compared[], language: Language): string {
  const blocks = compared.map((one) => {
    const { record, state, found } = one;
    const mark = state === "ok" || state === "unknown" || isWrong(one) ? MARKS[state] : "-";
    return [
      `${mark} ${zoneFileLine(record)}`,
      `    ${say(STATE_WORDS[state], language, { found })}`,
      `    ${say(DNS_ADVICE[record.purpose], language, {})}`,
    ].join("\n");
  });
  return blocks.join("\n");
}
