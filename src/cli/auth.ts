import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { formatAuthenticationResults } from "../authentication/authentication-results.ts";
import { parseIp } from "../base/ip.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { resolver } from "../dns/configured.ts";
import { authenticateMessage } from "../mta/authenticate-message.ts";
import { Signer } from "../mta/signer.ts";
import type { Dns } from "../dns/answer.ts";
import type { Authentication } from "../authentication/results.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import { globals, outputOf, withStore } from "./context.ts";
import { readNamedFile } from "./named-file.ts";
import { readStandardInput } from "./standard-input.ts";

/** `wachpost auth …`: who answers for a message, and signing one, without a server. */
export function authCommand(program: Command): void {
  const auth = program.command("auth").description("SPF, DKIM, ARC, DMARC: check a message, or sign one");
  auth
    .command("verify")
    .argument("[file]", "the message; default: standard input")
    .description("every result with its evidence")
    .option("--client <address>", "address it came from")
    .option("--helo <name>", "what the client said in EHLO", "unknown")
    .option("--from <address>", "envelope sender; <> for none", "<>")
    .option("--dns <server>", "resolver, ADDRESS:PORT (default: this machine's)")
    .option("--jsonl", "many cases: a line of JSON each in and out ({client, helo, from, message in base64})")
    .action((file: string | undefined, options: VerifyOptions, command: Command) =>
      options.jsonl === true ? verifyMany(file, options) : verifyOne(command, file, options),
    );
  auth
    .command("sign")
    .argument("[file]", "the message; default: standard input")
    .description("print the message signed with the keys of its From domain")
    .action((file: string | undefined, _options, command: Command) =>
      withStore(command, async (store) => {
        const octets = await messageIn(file);
        const signatures = await new Signer(store, systemClock).signatures(octets);
        if (signatures.length === 0)
          throw new OperatorError(
            "no-key",
            "From is no domain of this server, or it has no key.",
            "`wachpost domain keys DOMAIN` shows the keys.",
          );
        process.stdout.write(Buffer.concat([signatures, octets]));
      }),
    );
}

type VerifyOptions = {
  readonly client?: string;
  readonly helo: string;
  readonly from: string;
  readonly dns?: string;
  readonly jsonl?: true;
};
type Case = {
  readonly client: string;
  readonly helo: string;
  readonly from: string;
  readonly message: Buffer;
};

const messageIn = (file: string | undefined): Promise<Buffer> =>
  file === undefined ? readStandardInput() : readNamedFile(file);

async function dnsFor(command: Command | undefined, named: string | undefined): Promise<Dns> {
  const config = command === undefined ? undefined : globals(command).config;
  const servers = config === undefined ? [] : (await loadConfig(config)).dns.servers;
  return resolver(named === undefined ? servers : [named], systemClock);
}

async function verifyOne(command: Command, file: string | undefined, options: VerifyOptions): Promise<void> {
  if (options.client === undefined)
    throw new OperatorError("no-client", "Who sent it?", "Name the client's address with --client ADDRESS.");
  const { client, helo, from } = options;
  const dns = await dnsFor(command, options.dns);
  const results = await verified({ client, helo, from, message: await messageIn(file) }, dns);
  outputOf(command).show(results, textOf(results, client));
}

async function verifyMany(file: string | undefined, options: VerifyOptions): Promise<void> {
  const dns = await dnsFor(undefined, options.dns);
  const lines = (await messageIn(file)).toString("utf8").split("\n");
  for (const line of lines.filter((text) => text.trim() !== "")) {
    const answer = await lineAnswer(line, dns);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

/** A case that cannot be read has an answer too: the line after it must not be taken for its. */
async function lineAnswer(line: string, dns: Dns): Promise<Authentication | { readonly error: string }> {
  try {
    const given = JSON.parse(line) as Partial<Record<keyof Case, unknown>>;
    const text = (value: unknown, otherwise: string): string =>
      typeof value === "string" ? value : otherwise;
    return await verified(
      {
        client: text(given.client, ""),
        helo: text(given.helo, "unknown"),
        from: text(given.from, "<>"),
        message: Buffer.from(text(given.message, ""), "base64"),
      },
      dns,
    );
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function verified({ client, helo, from, message }: Case, dns: Dns): Promise<Authentication> {
  const address = parseIp(client);
  if (address === undefined)
    throw new OperatorError("bad-address", `${client} is not an IP address.`, "For example 203.0.113.9.");
  const bare = from.replace(/^<(.*)>$/, "$1");
  const sender = bare === "" ? undefined : parseMailbox(bare);
  if (sender?.ok === false)
    throw new OperatorError(
      "bad-sender",
      `${from} is not an address.`,
      "For example anna@example.org, or <>.",
    );
  return authenticateMessage(
    { client: address, heloName: helo, from: sender?.value ?? null, octets: message },
    { dns, receiver: "localhost", now_ms: systemClock.now() },
  );
}

function textOf(results: Authentication, client: string): string {
  const { spf, dkim, arc, dmarc, iprev } = results;
  const parts = (record: object, but: readonly string[]): string =>
    Object.entries(record)
      .filter(([name, value]) => !but.includes(name) && value !== undefined && value !== "")
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(" ");
  return [
    `iprev  ${iprev?.result ?? "none"} ${iprev === undefined ? "" : parts(iprev, ["result"])}`,
    ...spf.map((one) => `spf    ${one.result} ${parts(one, ["result"])}`),
    ...dkim.map((one) => `dkim   ${one.result} ${parts(one, ["result"])}`),
    ...(dkim.length === 0 ? ["dkim   none"] : []),
    `arc    ${arc.result} ${parts(arc, ["result"])}`,
    `dmarc  ${dmarc.result} ${parts(dmarc, ["result"])}`,
    "",
    formatAuthenticationResults("localhost", results, parseIp(client)).trimEnd(),
  ].join("\n");
}
