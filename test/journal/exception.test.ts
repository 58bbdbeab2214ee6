/** The command that an explanation offers does what it says: tried with the rules of a fresh server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressLabels } from "../../src/policy/dnsbl.ts";
import { parseIp } from "../../src/base/ip.ts";
import type { DnsAnswer, RecordData, RecordType } from "../../src/dns/answer.ts";
import { explain } from "../../src/journal/explain.ts";
import { exceptionCommand } from "../../src/journal/exception.ts";
import type { JournalRecord } from "../../src/journal/record.ts";
import type { World } from "../../src/policy/ask.ts";
import { DEFAULT_POLICY } from "../../src/policy/defaults.ts";
import type { PolicyFacts } from "../../src/policy/facts.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import { readPolicy } from "../../src/policy/policy-lists.ts";
import { DEFAULT_SETTINGS } from "../../src/policy/settings.ts";
import { searchKeys } from "../../src/policy/table-search.ts";
import { NOON_MS } from "./cases.ts";

const LISTED = "203.0.113.9";
const listedIp = parseIp(LISTED);
assert.ok(listedIp);
const LISTED_NAME = `${addressLabels(listedIp)}.zen.spamhaus.org`;

/** Every domain takes mail, except those below `no-such.example`; one address is listed. */
function answer(name: string, type: RecordType): DnsAnswer<unknown> {
  const rest = { ttl_s: 60, authenticated: false };
  if (name === LISTED_NAME && type === "A") return { kind: "records", records: ["127.0.0.4"], ...rest };
  if (name.endsWith("example.net") && type === "A")
    return { kind: "records", records: ["192.0.2.1"], ...rest };
  return { kind: "nxdomain", ...rest };
}

const FACTS: PolicyFacts = {
  clientAddress: "192.0.2.25",
  clientName: "mail.example.net",
  clientNameState: "ok",
  reverseClientName: "mail.example.net",
  reverseClientNameState: "ok",
  helo: "mail.example.net",
  heloVerb: "EHLO",
  sender: "paula@example.net",
  recipient: "anna@example.org",
  recipientCount: 0,
  encrypted: true,
  earlyTalk: false,
  recipientIsOurs: true,
  recipientExists: true,
  mayRelay: false,
  senderIsOurs: false,
  senderExists: true,
  senderOwner: "nobody",
};

/** A client is judged, the record explained, the offered entry made, the client judged again. */
async function tryException(
  facts: PolicyFacts,
): Promise<{ offered: string | undefined; before: string; after: string }> {
  const tables = new Map<string, string>();
  const world: World = {
    dns: {
      query: async <T extends RecordType>(name: string, type: T) =>
        answer(name, type) as DnsAnswer<RecordData[T]>,
    },
    async lookUp(table, search) {
      const found = searchKeys(search, DEFAULT_SETTINGS).find(({ key }) => tables.has(`${table} ${key}`));
      return found === undefined
        ? "none"
        : { key: found.key, value: tables.get(`${table} ${found.key}`) ?? "" };
    },
    listState: () => "on",
    count: async () => 0,
    now: () => NOON_MS,
  };
  const { lists } = readPolicy(DEFAULT_POLICY);
  const policy = createPolicy(() => lists, world);
  const judged = await policy.judgeRecipient(facts);
  const { decision, steps, asked, decidedBy } = judged;
  const record: JournalRecord = {
    kind: "session",
    id: "s1",
    at_ms: NOON_MS,
    facts: { ...facts, session: "s1", profile: "mx" } as Extract<JournalRecord, { kind: "session" }>["facts"],
    judgements: [
      {
        at_ms: NOON_MS,
        command: "rcpt",
        decision,
        steps,
        asked,
        ...(decidedBy === undefined ? {} : { decidedBy }),
      },
    ],
    messages: [],
  };
  const told = explain([record], "en").join("\n");
  const [offered, key, helo] = /wachpost allow (\S+)( --helo)?/.exec(told) ?? [];
  const table = helo === undefined ? "clients" : "helos";
  for (const name of [`table:${table}`, String(table)])
    if (key !== undefined) tables.set(`${name} ${key}`, "OK");
  return { offered, before: decision, after: (await policy.judgeRecipient(facts)).decision };
}

test("with the rules of a fresh server, the offered exception lets the client through", async () => {
  for (const { name, facts, want } of [
    { name: "listed", facts: { clientAddress: LISTED }, want: `wachpost allow ${LISTED}` },
    {
      name: "HELO that is not full",
      facts: { helo: "printer" },
      want: "wachpost allow printer --helo",
    },
    {
      name: "HELO is ours",
      facts: { heloIsOurs: true },
      want: "wachpost allow mail.example.net --helo",
    },
  ]) {
    assert.deepEqual(
      await tryException({ ...FACTS, ...facts }),
      { offered: want, before: "reject", after: "permit" },
      name,
    );
  }
});

test("where no entry could help, none is offered", async () => {
  for (const { name, facts } of [
    { name: "unknown sender domain", facts: { sender: "x@no-such.example" } },
    { name: "relay", facts: { recipientIsOurs: false, recipient: "x@elsewhere.example" } },
    { name: "a HELO that no shell takes as one word", facts: { helo: "a;reboot" } },
  ]) {
    const { offered, before } = await tryException({ ...FACTS, ...facts });
    assert.deepEqual([offered, before === "permit"], [undefined, false], name);
  }
});

test("a full mailbox and a broken alias name the command that mends them", () => {
  const commands = (reason: string): string | undefined => {
    const reply = { code: 452, enhanced: "4.2.2", text: "No", reason };
    const judgement = { at_ms: NOON_MS, command: "rcpt", decision: "defer", steps: [], asked: [] } as const;
    const facts = { ...FACTS, session: "s1", profile: "mx" } as const;
    const judgements = [{ ...judgement, recipient: "anna@example.org", reply }];
    const record: JournalRecord = {
      kind: "session",
      id: "s1",
      at_ms: NOON_MS,
      facts,
      judgements,
      messages: [],
    };
    return explain([record], "en")
      .find((line) => line.includes("Command:"))
      ?.trim();
  };
  assert.equal(commands("over-quota"), "Command: wachpost account quota anna@example.org …");
  assert.equal(commands("broken-alias"), "Command: wachpost address add anna@example.org …");
});

test("values that a shell would take apart get into no command", () => {
  for (const evil of [
    "$(reboot)@example.org",
    "a b@example.org",
    "-rf@example.org",
    "x@example.org;reboot",
    "`x`@a.b",
    "q'1",
    'q"1',
    "a\n@b.c",
  ]) {
    for (const kind of [
      "table",
      "create-account",
      "enable-account",
      "raise-quota",
      "app-password",
      "queue-flush",
    ] as const) {
      const values = { client: evil, helo: evil, recipient: evil, login: evil, id: evil };
      const steps = [
        { stage: "helo", rule: "check_helo_access table:helos", verdict: "dunno", evidence: {} },
        { stage: "helo", rule: "check_client_access table:clients", verdict: "dunno", evidence: {} },
        { stage: "helo", rule: "reject", verdict: "reject", evidence: {} },
      ] as const;
      assert.equal(exceptionCommand(kind, values, steps, steps[2]), undefined, `${kind} ${evil}`);
    }
  }
});
