/** `test/policy/brief.policy` as a server and its clients need it: lists, tables, a DNS zone, sessions. */
import { readFileSync } from "node:fs";

export type Spoken = {
  /** Address to be announced by XCLIENT. */
  readonly client: string;
  readonly helo: string;
  readonly sender: string;
  readonly recipient: string;
  readonly login: boolean;
  readonly early: boolean;
  readonly command: "rcpt" | "data";
  /** The judged line of the transcript, and its answer. */
  readonly line: string;
  readonly want: string;
};

export type BriefTranscript = {
  readonly sender: string;
  readonly recipient: string;
  readonly tables: readonly { readonly table: string; readonly key: string; readonly value: string }[];
  readonly zone: readonly string[];
  readonly sessions: readonly Spoken[];
};

const FILE = new URL("../policy/brief.policy", import.meta.url);

export function briefTranscript(): BriefTranscript {
  const lines = readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => !/^(?:#|!!| {3}\|| *#)/.test(line));
  const block = (start: string): readonly string[] => {
    const from = lines.findIndex((line) => line.startsWith(start)) + 1;
    const length = lines.slice(from).findIndex((line) => !line.startsWith(" "));
    return lines.slice(from, from + length).map((line) => line.trim());
  };
  const entries = (table: string) =>
    block(`table ${table} `).map((line) => {
      const [key = "", ...value] = line.split(/ +/);
      return { table, key, value: value.join(" ") };
    });
  const zone = lines.filter((line) => line.startsWith("zone ")).map((line) => line.slice("zone ".length));
  const world = new Clients(zone);
  const sessions = sessionsIn(lines, world);
  return {
    sender: block("smtpd_sender_restrictions").join("\n"),
    recipient: block("smtpd_recipient_restrictions").join("\n"),
    tables: [...entries("client_checks"), ...entries("sender_checks")],
    zone: world.zone(),
    sessions,
  };
}

/**
 * A transcript says what a client is called and whether SPF passes; on the wire the DNS says it. So every client with a
 * name or a pass gets an address of its own, listed where the address of the transcript is listed.
 */
class Clients {
  readonly #listed: readonly string[];
  readonly #more: string[] = [];
  readonly #known = new Map<string, string>();
  readonly #passes: string[] = [];

  constructor(zone: readonly string[]) {
    this.#listed = zone;
  }

  addressOf(address: string, name: string | undefined, passes: boolean): string {
    if (address.startsWith("127.") || (name === undefined && !passes)) return address;
    const key = `${address} ${name ?? ""} ${passes ? "pass" : ""}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const own = `198.18.0.${this.#known.size + 1}`;
    this.#known.set(key, own);
    const [from, to] = [reversed(address), reversed(own)];
    this.#more.push(
      ...this.#listed
        .filter((line) => line.startsWith(`${from}.`))
        .map((line) => to + line.slice(from.length)),
    );
    if (name !== undefined) this.#more.push(`${to}.in-addr.arpa PTR ${name}`, `${name} A ${own}`);
    if (passes) this.#passes.push(own);
    return own;
  }

  /** With the test points by which a list shows that it is alive (RFC 5782 §5). */
  zone(): readonly string[] {
    const spf = `example.com TXT v=spf1 ${this.#passes.map((address) => `ip4:${address}`).join(" ")}`;
    return [...this.#listed, ...this.#more, ...LIVING.map((zone) => `2.0.0.127.${zone} A 127.0.0.2`), spf];
  }
}

const LIVING = [
  "list.dnswl.org",
  "zen.spamhaus.org",
  "b.barracudacentral.org",
  "bl.spamcop.net",
  "psbl.surriel.com",
  "noptr.spamrats.com",
  "dyna.spamrats.com",
];

const reversed = (address: string): string => address.split(".").toReversed().join(".");

type Saying = {
  address: string;
  name?: string | undefined;
  helo: string;
  sender: string;
  passes: boolean;
  login: boolean;
  early: boolean;
  recipient: string;
};

function sessionsIn(lines: readonly string[], world: Clients): readonly Spoken[] {
  const sessions: Spoken[] = [];
  let now: Saying = newClient("192.0.2.1");
  for (const [i, line] of lines.entries()) {
    const [verb = "", argument = "", more] = line.split(" ");
    if (verb === "client") now = newClient(argument, more);
    else if (verb === "helo") now = { ...now, helo: argument };
    else if (verb === "mail") now = { ...now, sender: argument, passes: more === "spf=pass" };
    else if (verb === "login") now = { ...now, login: true };
    else if (verb === "early") now = { ...now, early: argument === "on" };
    else if (verb === "rcpt" || verb === "data") {
      // DATA follows a recipient that stood.
      if (verb === "rcpt") now = { ...now, recipient: argument };
      else now = { ...now, recipient: "<you@example.org>" };
      const { address, name, passes, ...said } = now;
      const client = world.addressOf(address, name, passes);
      const want = (lines[i + 1] ?? "").replace(/^=> /, "");
      sessions.push({ ...said, client, command: verb, line, want });
    }
  }
  return sessions;
}

const newClient = (address: string, name?: string): Saying => ({
  address,
  name,
  helo: "",
  sender: "<>",
  passes: false,
  login: false,
  early: false,
  recipient: "",
});
