/**
 * `npm run replay-bench [-- --count N]`: a month of recorded sessions, judged again by `wachpost policy replay` under
 * stricter rules; the counts must equal those of a fresh evaluation of the same facts in the same world.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Domain } from "../../src/base/domain-name.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { DnsAnswer, RecordData, RecordType } from "../../src/dns/answer.ts";
import { encodeRecord } from "../../src/journal/encode.ts";
import { DEFAULT_PRIVACY } from "../../src/journal/privacy.ts";
import type { FateEvent, JournalRecord } from "../../src/journal/record.ts";
import type { Ask } from "../../src/policy/ask.ts";
import { DEFAULT_POLICY } from "../../src/policy/defaults.ts";
import { evaluate } from "../../src/policy/evaluate.ts";
import type { PolicyFacts } from "../../src/policy/facts.ts";
import { checkedPolicy } from "../../src/policy/from-config.ts";
import { readPolicy, type PolicyLists } from "../../src/policy/policy-lists.ts";
import { openStore } from "../../src/store/sqlite/open.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/wachpost.js", import.meta.url));
const MONTH_MS = 29 * 86_400_000;
/** Entries of one write. */
const BATCH = 500;

/** Refuses what the defaults only note, and with fewer points; asks nothing that the defaults did not ask. */
const STRICTER = `hostname = "mail.example.org"
[policy]
client = "permit_mynetworks, check_client_access table:clients, reject_unknown_reverse_client_hostname"
recipient = """permit_mynetworks, reject_non_fqdn_recipient, check_recipient_access table:recipients,
  reject_unlisted_recipient, check_client_access table:clients, reject_dnsbl_score 4"""
`;

export type ReplayFigures = {
  readonly count: number;
  readonly generated_s: number;
  /** Of the judging alone, as the command says; and of the whole command. */
  readonly replayed_s: number;
  readonly command_s: number;
  readonly replayed: Counts;
  readonly fresh: Counts;
};
type Counts = {
  readonly judged: number;
  readonly same: number;
  readonly unknown: number;
  readonly changes: Readonly<Record<string, number>>;
  readonly fates: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** Records `count` sessions, replays them with the real command, and judges the same facts afresh. */
export async function replayFigures(count: number): Promise<ReplayFigures> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-replay-"));
  try {
    const rules = join(directory, "stricter.toml");
    writeFileSync(rules, STRICTER);
    const begun_ms = performance.now();
    const fresh = await recordMonth(directory, count, checkedPolicy(await loadConfig(rules)));
    const recorded_ms = performance.now();
    const run = spawnSync(
      process.execPath,
      [LAUNCHER, "--data", directory, "policy", "replay", "--with", rules, "--json"],
      { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
    );
    if (run.status !== 0) throw new Error(`replay: ${run.stderr}`);
    const command_s = (performance.now() - recorded_ms) / 1000;
    const { judged, same, unknown, changes, fates, seconds } = JSON.parse(run.stdout) as Counts & {
      seconds: number;
    };
    const generated_s = (recorded_ms - begun_ms) / 1000;
    return {
      count,
      generated_s,
      replayed_s: seconds,
      command_s,
      replayed: { judged, same, unknown, changes, fates },
      fresh,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Sessions as the server records them under the default rules; the counts that the other rules come to, judged afresh. */
async function recordMonth(directory: string, count: number, others: PolicyLists): Promise<Counts> {
  const { lists } = readPolicy(DEFAULT_POLICY);
  const changes = new Map<string, number>();
  const fates: Record<string, Record<string, number>> = {};
  let same = 0;
  await using store = await openStore({
    directory: join(directory, "store"),
    log: silentLog,
    clock: systemClock,
  });
  const begin_ms = Date.now() - MONTH_MS;
  let writing: Promise<void> = Promise.resolve();
  for (let from = 0; from < count; from += BATCH) {
    const entries = [];
    for (let i = from; i < Math.min(count, from + BATCH); i++) {
      const facts = factsOf(i);
      const at_ms = begin_ms + Math.trunc((i / count) * MONTH_MS);
      const judged = await evaluate(lists, "rcpt", facts, WORLD);
      const again = await evaluate(others, "rcpt", facts, WORLD);
      if (again.decision === judged.decision) same++;
      else {
        const change = `${judged.decision} -> ${again.decision}`;
        changes.set(change, (changes.get(change) ?? 0) + 1);
        for (const event of judged.decision === "permit" ? eventsOf(i) : []) {
          const counts = (fates[change] ??= {});
          counts[event] = (counts[event] ?? 0) + 1;
        }
      }
      const session = sessionOf(i, at_ms, facts, judged);
      entries.push(encodeRecord(session, DEFAULT_PRIVACY));
      for (const event of eventsOf(i))
        for (const id of session.messages) {
          const login = facts.recipient ?? "";
          entries.push(encodeRecord({ kind: "fate", id, at_ms: at_ms + 1, login, event }, DEFAULT_PRIVACY));
        }
    }
    await writing;
    writing = store.journal.record(entries);
  }
  await writing;
  return { judged: count, same, unknown: 0, changes: Object.fromEntries(changes), fates };
}

function sessionOf(
  i: number,
  at_ms: number,
  facts: PolicyFacts,
  judged: Awaited<ReturnType<typeof evaluate>>,
): Extract<JournalRecord, { kind: "session" }> {
  const { steps, asked, decision, decidedBy, reply } = judged;
  const id = `s${i.toString(36).padStart(11, "0")}`;
  const { clientAddress, clientName, reverseClientName, helo = "", sender = "", recipient = "" } = facts;
  return {
    kind: "session",
    id,
    at_ms,
    facts: {
      session: id,
      profile: "mx",
      clientAddress,
      clientName,
      reverseClientName,
      helo,
      heloVerb: "EHLO",
    },
    judgements: [
      {
        at_ms,
        command: "rcpt",
        sender,
        recipient,
        facts,
        steps,
        asked,
        decision,
        ...(decidedBy === undefined ? {} : { decidedBy }),
        ...(reply === undefined ? {} : { reply: { code: reply.code, text: reply.lines.join(" ") } }),
      },
    ],
    messages: decision === "permit" ? [`m${id}`] : [],
  };
}

/** Every second message is read, some are answered, some called junk. */
const eventsOf = (i: number): readonly FateEvent[] => [
  ...(i % 2 === 0 ? (["read"] as const) : []),
  ...(i % 10 === 0 ? (["answered"] as const) : []),
  ...(i % 7 === 0 ? (["to-junk"] as const) : []),
];

/** Every number has its own client; every seventh has no name, every ninth a HELO without dots. */
function factsOf(i: number): PolicyFacts {
  const address = `198.${18 + (i % 2)}.${(i >> 8) & 255}.${i & 255}`;
  const name = i % 7 === 0 ? "unknown" : `mx${i % 5_000}.sender.example`;
  const state = name === "unknown" ? "unknown" : "ok";
  return {
    clientAddress: address,
    clientName: name,
    clientNameState: state,
    reverseClientName: name,
    reverseClientNameState: state,
    helo: i % 9 === 0 ? "friend" : `mx${i % 5_000}.sender.example`,
    heloVerb: "EHLO",
    heloIsOurs: false,
    sender: `anna@d${i % 20_000}.example`,
    recipient: `user${i % 50}@example.org`,
    recipientCount: 0,
    encrypted: true,
    earlyTalk: false,
    recipientIsOurs: true,
    recipientExists: true,
    mayRelay: false,
    senderIsOurs: false,
    senderExists: true,
    senderOwner: "nobody",
    spf: i % 3 === 0 ? "pass" : "none",
  };
}

/** Answers by the question alone: one client in sixteen is on a list, one domain in eleven does not exist. */
const WORLD: Ask = {
  dns: async (name, type) => answerTo(name, type),
  dnsList: async (name, type) => answerTo(name, type),
  table: () => "none",
  listState: () => "on",
  counter: () => 0,
  now: () => 0,
};

async function answerTo<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<RecordData[T]>> {
  const about = { ttl_s: 60, authenticated: false };
  const records = recordsOf(name as Domain, type);
  return records.length === 0
    ? { kind: "nxdomain", ...about }
    : { kind: "records", records: records as RecordData[T][], ...about };
}

function recordsOf(name: string, type: RecordType): readonly unknown[] {
  const dice = Array.from(name).reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0, 7);
  if (/^[0-9]+\.[0-9]+\./.test(name)) return type === "A" && dice % 16 === 0 ? ["127.0.0.2"] : [];
  if (name.startsWith("d") && dice % 11 === 0) return [];
  if (type === "MX") return [{ preference: 10, exchange: `mx.${name}` }];
  return type === "A" ? ["192.0.2.25"] : [];
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { count: { type: "string", default: "100000" } } });
  const figures = await replayFigures(Number(values.count));
  const equal = isDeepStrictEqual(figures.replayed, figures.fresh);
  console.log(JSON.stringify(figures, undefined, 2));
  console.log(equal ? "The replay equals the fresh evaluation." : "THE REPLAY DIFFERS.");
  if (!equal) process.exitCode = 1;
}
