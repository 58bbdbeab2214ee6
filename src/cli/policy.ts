import type { Command } from "commander";
import { addresses } from "../accounts/addresses.ts";
import { systemClock } from "../base/clock.ts";
import { parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { configSchema, type Config } from "../config/schema.ts";
import { resolver } from "../dns/configured.ts";
import type { Step } from "../journal/record.ts";
import { Visit } from "../mta/visit.ts";
import type { Judged } from "../policy/contract.ts";
import { checkedPolicy } from "../policy/from-config.ts";
import { liveWorld } from "../policy/live-world.ts";
import { createPolicy } from "../policy/policy.ts";
import { runTranscript } from "../policy/transcript.ts";
import { ZoneBook } from "../policy/zone-health.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { SmtpSessionFacts } from "../smtp/backend.ts";
import type { Store } from "../store/store.ts";
import { globals, outputOf, withStore } from "./context.ts";
import { durationOption } from "./duration.ts";
import { readNamedFile } from "./named-file.ts";
import { replayed, type ReplayOptions } from "./policy-replay.ts";

/** `wachpost policy …`: what the rules would do, before they do it. */
export function policyCommand(program: Command): void {
  const policy = program
    .command("policy")
    .description("the rules for mail from outside: try them before they count");
  policy
    .command("test")
    .description("judge a session that nobody had, with the rules, tables and DNS of this server")
    .requiredOption("--client <address>", "address of the client")
    .requiredOption("--from <address>", "envelope sender; <> for none")
    .requiredOption("--to <address>", "recipient")
    .option("--helo <name>", "what it says in EHLO", "unknown")
    .option("--rules <file>", "other rules: a wachpost.toml (default: this server's)")
    .option("--dns <server>", "another resolver, ADDRESS:PORT")
    .action((options: TestOptions, command: Command) => judgeOnce(command, options));
  policy
    .command("replay")
    .description("judge recorded sessions again under other rules: what would change")
    .requiredOption("--with <file>", "the other rules: a wachpost.toml")
    .addOption(durationOption("--since <time>", "how far back, e.g. 12h or 7d", "30d"))
    .action((options: ReplayOptions, command: Command) => replayed(command, options));
  policy
    .command("transcript")
    .argument("<file>", "a *.policy file: settings, zone, tables, sessions")
    .description("run a transcript and print it with what the rules answered")
    .action(async (file: string, _options, command: Command) => {
      const text = (await readNamedFile(file)).toString("utf8");
      const result = await runTranscript(text);
      outputOf(command).show({ file, unchanged: result === text, transcript: result }, result);
      if (result !== text) process.exitCode = 1;
    });
}

type TestOptions = {
  readonly client: string;
  readonly from: string;
  readonly to: string;
  readonly helo: string;
  readonly rules?: string;
  readonly dns?: string;
};

function judgeOnce(command: Command, options: TestOptions): Promise<void> {
  return withStore(command, async (store) => {
    const config = await configOf(options.rules ?? globals(command).config);
    const judged = await judge(store, config, options);
    const { decision, decidedBy, reply, steps } = judged;
    const verdict =
      reply === undefined
        ? decision
        : `${decision}: ${reply.code} ${reply.enhanced ?? ""} ${reply.lines.join(" ")}`;
    const by = decidedBy === undefined ? "" : `\ndecided by ${decidedBy}`;
    outputOf(command).show(
      { decision, decidedBy, reply, steps },
      `${steps.map(stepLine).join("\n")}\n=> ${verdict}${by}`,
    );
  });
}

/** Without a file the defaults, as `npm start` runs them. */
const configOf = async (file: string | undefined): Promise<Config> =>
  file === undefined ? configSchema.parse({ hostname: "localhost" }) : await loadConfig(file);

async function judge(store: Store, config: Config, options: TestOptions): Promise<Judged> {
  const clock = systemClock;
  const dns = await resolver(options.dns === undefined ? config.dns.servers : [options.dns], clock);
  const ours = addresses(store);
  const session = sessionFor(options);
  const from = options.from === "<>" || options.from === "" ? null : mailbox(options.from);
  const to = mailbox(options.to);
  const mail = { from, body: "8BITMIME", smtpUtf8: false, id: "test", recipients: [] } as const;
  const visit = new Visit(session, false, {
    dns,
    addresses: ours,
    hostName: config.hostname,
    now: () => clock.now(),
  });
  visit.begin(session, mail);
  const resolution = await ours.resolve(to);
  const facts = {
    ...(await visit.facts(mail, to)),
    recipientIsOurs: resolution.kind !== "foreign",
    recipientExists: resolution.kind === "local" || resolution.kind === "foreign",
  };
  const policy = createPolicy(
    () => checkedPolicy(config),
    liveWorld(dns, store.tables, new ZoneBook(), clock),
  );
  return await policy.judgeRecipient(facts);
}

function sessionFor({ client, helo }: TestOptions): SmtpSessionFacts {
  const address = parseIp(client);
  if (address === undefined)
    throw new OperatorError(
      "bad-address",
      `${client} is not an IP address.`,
      "For example --client 203.0.113.9.",
    );
  return {
    id: "test",
    profile: "mx",
    remote: { address, port: 0 },
    local: { address: "127.0.0.1", port: 25 },
    helo: { name: helo, verb: "EHLO" },
  };
}

function mailbox(text: string): EnvelopeAddress {
  const parsed = parseMailbox(text);
  if (parsed.ok) return parsed.value;
  throw new OperatorError("bad-address", `${text} is not an address.`, "For example anna@example.org.");
}

/** Stages by the name of their list in the configuration. */
const STAGE_LISTS: Readonly<Partial<Record<Step["stage"], string>>> = {
  connect: "client",
  "end-of-data": "end_of_data",
};

function stepLine({ stage, rule, verdict, reason, evidence }: Step): string {
  const told = Object.entries(evidence).map(([name, value]) => `${name}=${String(value)}`);
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${(STAGE_LISTS[stage] ?? stage).padEnd(11)} ${rule.padEnd(44)} ${verdict}${why} ${told.join(" ")}`.trimEnd();
}
