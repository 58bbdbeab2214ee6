import { InvalidArgumentError, type Command } from "commander";
import { existsSync } from "node:fs";
import { asciiLower } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import { parseCidr, parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { policyOf } from "../policy/from-config.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import type { AccessTableRow, Store } from "../store/store.ts";
import { newRow } from "./access.ts";
import { configFile, globals, outputOf, withStore } from "./context.ts";
import { duration_ms } from "./duration.ts";
import { table } from "./output.ts";

/** `wachpost block …` and `wachpost allow …`: the access tables of a fresh server in two words. */
export const blockCommand = (program: Command): void => shortcut(program, BLOCK);
export const allowCommand = (program: Command): void => shortcut(program, ALLOW);

type Kind = {
  readonly name: "block" | "allow";
  readonly description: string;
  readonly about: string;
  readonly value: string;
  readonly told: string;
  /** Entries of the same kind that were made otherwise: `550 5.7.1 …` blocks too. */
  is(value: string): boolean;
};

const BLOCK: Kind = {
  name: "block",
  description: "refuse a client, a sender or a HELO name from now on; without arguments: what is blocked",
  about: "refuse it; a running server does so within a second",
  value: "REJECT",
  told: "is refused from now on",
  is: (value) => /^(?:REJECT|DEFER|[45][0-9]{2}\s)/i.test(value),
};
const ALLOW: Kind = {
  name: "allow",
  description: "let a client, a sender or a HELO name past the rules; without arguments: what is allowed",
  about: "let it past the rules that would refuse it; a running server does so within a second",
  value: "OK",
  told: "is let through from now on",
  is: (value) => /^OK$/i.test(value),
};

/** Tables that the rules of a fresh server ask, by what stands in them. */
const TABLES = { client: "clients", sender: "senders", helo: "helos" } as const;
type Subject = keyof typeof TABLES;
const CHECKS: Readonly<Record<Subject, string>> = {
  client: "check_client_access",
  sender: "check_sender_access",
  helo: "check_helo_access",
};

type Options = {
  readonly client?: boolean;
  readonly helo?: boolean;
  readonly reason?: string;
  readonly for?: number;
  readonly until?: number;
};

function shortcut(program: Command, kind: Kind): void {
  const group = program
    .command(kind.name)
    .usage('WHAT --reason "…" | [command]')
    .description(kind.description);
  const withSubject = (command: Command): Command =>
    command
      .option("--client", "a host name is that of a client, not the domain of senders")
      .option("--helo", "a host name is what clients call themselves");
  withSubject(group.command("add", { isDefault: true }))
    .argument("[what]", "address or network of a client, user@domain, domain of senders")
    .description(kind.about)
    .option("--reason <text>", "why, for whoever reads this in a year")
    .option("--for <time>", "e.g. 30d or 12h; default: for good", duration_ms)
    .option("--until <date>", "e.g. 2027-01-31", until_ms)
    .action((what: string | undefined, options: Options, command: Command) =>
      what === undefined ? list(command, kind) : add(command, kind, what, options),
    );
  group
    .command("list")
    .description(`what is ${kind.name}ed, by whom, why and until when`)
    .action((_options, command: Command) => list(command, kind));
  withSubject(group.command("remove"))
    .argument("<what>")
    .description("take it back")
    .action((what: string, options: Options, command: Command) => remove(command, kind, what, options));
}

function until_ms(text: string): number {
  const at_ms = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{5,8}Z?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at_ms)) throw new InvalidArgumentError("Write a date, e.g. 2027-01-31.");
  if (at_ms <= Date.now()) throw new InvalidArgumentError("That is over already.");
  return at_ms;
}

/** What is meant by a word, and the key it has in its table. */
function entryOf(
  what: string,
  { client, helo }: Options,
): { readonly subject: Subject; readonly key: string } {
  const key = asciiLower(what);
  const ip = parseIp(key);
  if (helo === true) return { subject: "helo", key: hostName(key) };
  if (ip !== undefined) return { subject: "client", key: ip.text };
  if (key.includes("/")) {
    if (parseCidr(key) !== undefined) return { subject: "client", key };
    throw bad(`${what} is no network.`);
  }
  if (client === true) return { subject: "client", key: hostName(key) };
  if (!key.includes("@")) return { subject: "sender", key: hostName(key) };
  if (!parseMailbox(key).ok) throw bad(`${what} is no mail address.`);
  return { subject: "sender", key };
}

function hostName(key: string): string {
  if (parseDomain(key) === undefined) throw bad(`${key} is neither an address nor a name.`);
  return key;
}

const bad = (text: string): OperatorError =>
  new OperatorError(
    "bad-key",
    text,
    "For example 203.0.113.9, 203.0.113.0/24, x@example.com, example.com, mail.example.com --client.",
  );

async function add(command: Command, kind: Kind, what: string, options: Options): Promise<void> {
  const { subject, key } = entryOf(what, options);
  const { reason } = options;
  if (reason === undefined)
    throw new OperatorError(
      "no-reason",
      `Why is ${key} to be ${kind.name}ed?`,
      `Write it down: wachpost ${kind.name} ${what} --reason "…"`,
    );
  const expires = options.until === undefined ? options.for : options.until - Date.now();
  const row = { ...newRow(TABLES[subject], { reason, ...(expires === undefined ? {} : { expires }) }), key };
  return withStore(command, async (store) => {
    const before = await entryIn(store, row);
    await store.tables.putAccess({ ...row, value: kind.value });
    const notes = [
      ...(before === undefined ? [] : [`Its entry before was ${before.value} (${before.reason}).`]),
      ...howMuch(kind, subject, key),
      ...(await whatIsMissing(command, kind, subject)),
    ];
    const undo = `wachpost ${kind.name} remove ${what}${subject === "helo" ? " --helo" : options.client === true ? " --client" : ""}`;
    outputOf(command).show(
      { table: row.table, key, value: kind.value, notes },
      [`${WORDS[subject]} ${key} ${kind.told}${untilText(row)}.`, ...notes, `To take it back: ${undo}`].join(
        "\n",
      ),
    );
  });
}

const WORDS: Readonly<Record<Subject, string>> = {
  client: "Client",
  sender: "Sender",
  helo: "HELO name",
};

const untilText = ({ expires_ms }: Pick<AccessTableRow, "expires_ms">): string =>
  expires_ms === undefined ? "" : `, until ${new Date(expires_ms).toISOString().slice(0, 16)} UTC`;

/** Up to these lengths of its prefix a network is a good part of the Internet. */
const WIDE_BITS = { 4: 7, 6: 19 } as const;

/** One digit too few, and everybody is meant. */
function howMuch({ name }: Kind, subject: Subject, key: string): readonly string[] {
  const cidr = subject === "client" ? parseCidr(key) : undefined;
  if (cidr === undefined || cidr.prefix_bits > WIDE_BITS[cidr.address.family]) return [];
  const clients = `1 of ${2 ** cidr.prefix_bits} of all IPv${cidr.address.family} addresses`;
  const whole = cidr.prefix_bits === 0 ? `every IPv${cidr.address.family} address` : clients;
  return [
    name === "allow"
      ? `Careful: that is ${whole}, and none of the rules protects from them now.`
      : `Careful: that is ${whole}; their mail does not come in any more.`,
  ];
}

/** An entry that no rule asks about does nothing, and one about a sender works only where he is proven. */
async function whatIsMissing(command: Command, kind: Kind, subject: Subject): Promise<readonly string[]> {
  const forged =
    kind.name === "allow" && subject === "sender"
      ? ["It counts for mail that SPF proves to come from there: anybody can write any sender."]
      : [];
  const file = configFile(globals(command));
  if (!existsSync(file)) return forged;
  const { lists } = policyOf(await loadConfig(file));
  const { client, helo, sender, recipient, classes } = lists;
  const rules = [client, helo, sender, recipient, ...classes.values()].flat();
  const asking = `${CHECKS[subject]} table:${TABLES[subject]}`;
  if (rules.some(({ text }) => text.replace(/\s+/g, " ") === asking)) return forged;
  return [...forged, `Note: no rule of ${file} asks for it: none is \`${asking}\`.`];
}

async function entryIn(
  store: Store,
  { table: name, key }: Pick<AccessTableRow, "table" | "key">,
): Promise<AccessTableRow | undefined> {
  return (await store.tables.accessEntries(name, Date.now())).find((row) => row.key === key);
}

function list(command: Command, kind: Kind): Promise<void> {
  return withStore(command, async (store) => {
    const found: (AccessTableRow & { readonly subject: Subject })[] = [];
    for (const subject of ["client", "sender", "helo"] as const)
      for (const row of await store.tables.accessEntries(TABLES[subject], Date.now()))
        if (kind.is(row.value)) found.push({ ...row, subject });
    const lines = found.map(({ key, subject, expires_ms, created_ms, author, reason }) => [
      key,
      subject,
      new Date(created_ms).toISOString().slice(0, 10),
      expires_ms === undefined ? "-" : new Date(expires_ms).toISOString().slice(0, 16),
      author,
      reason,
    ]);
    outputOf(command).show(
      found,
      found.length === 0
        ? `Nothing is ${kind.name}ed.`
        : table([["WHAT", "AS", "SINCE", "UNTIL", "AUTHOR", "REASON"], ...lines]),
    );
  });
}

function remove(command: Command, kind: Kind, what: string, options: Options): Promise<void> {
  const { subject, key } = entryOf(what, options);
  return withStore(command, async (store) => {
    const entry = await entryIn(store, { table: TABLES[subject], key });
    if (entry === undefined || !kind.is(entry.value))
      throw new OperatorError(
        "no-entry",
        `${key} is not ${kind.name}ed as a ${subject}.`,
        `\`wachpost ${kind.name} list\` shows what is.`,
      );
    await store.tables.removeAccess(TABLES[subject], key);
    outputOf(command).show({ table: TABLES[subject], key }, `${key} is no longer ${kind.name}ed.`);
  });
}
