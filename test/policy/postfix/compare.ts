/**
 * Random sessions against Postfix 3.7 and against our rules, with the same DNS: `npm run postfix-compare --
 * [rule sets] [sessions each] [seed]`. Needs root and Debian's package; everything runs in a network of its own. Ends
 * with 0 when nothing differs, with 1 when something does, with 2 where Postfix cannot be had.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { dnsClient } from "../../../src/dns/client.ts";
import type { Dns } from "../../../src/dns/answer.ts";
import { liveAsk, type World } from "../../../src/policy/ask.ts";
import { evaluate } from "../../../src/policy/evaluate.ts";
import type { PolicyFacts } from "../../../src/policy/facts.ts";
import { readPolicy, type PolicyLists } from "../../../src/policy/policy-lists.ts";
import { networksOf } from "../../../src/policy/settings.ts";
import { TableShelf } from "../../../src/policy/table-shelf.ts";
import { peerPrefix, type Prefix } from "../../bench/peer-packages.ts";
import { startDnsServer } from "../../simulate/dns-server.ts";
import { startPostfix } from "./peer.ts";
import {
  CLASSES,
  DOMAIN,
  NETWORKS,
  randomRules,
  cleanSessions,
  randomSession,
  SAMPLE,
  TABLES,
  USERS,
  ZONE,
  type Rules,
  type Session,
} from "./sessions.ts";

const FIRST_PORT = 20_000;
/** Sessions against the sample of the brief, which is the first set of rules. */
const SAMPLE_SESSIONS = 400;
/** Longest wait for a reply of Postfix, and for its doors to open. */
const ANSWER_MS = 60_000;
const PROGRESS_MS = 10_000;

function ourLists(rules: Rules): PolicyLists {
  const texts = Object.fromEntries(Object.entries(rules).map(([list, text]) => [list, { text }]));
  const classes = Object.fromEntries(Object.entries(CLASSES).map(([name, text]) => [name, { text }]));
  const settings = { networks: networksOf(NETWORKS), senderAllowNeedsProof: false };
  const { lists, findings } = readPolicy({ ...texts, classes, settings });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return lists;
}

function ourWorld(lists: PolicyLists, dns: Dns): World {
  const shelf = new TableShelf(lists.settings);
  for (const [name, { kind, text }] of Object.entries(TABLES)) shelf.load(name, kind, text);
  return {
    dns,
    lookUp: async (table, search) => shelf.lookUp(table, search),
    listState: () => "on",
    count: async () => 0,
    now: () => Date.now(),
  };
}

const isOurs = (address: string): boolean => address.endsWith(`@${DOMAIN}`) && !address.includes("%");
const exists = (address: string): boolean =>
  !isOurs(address) || USERS.includes(address.replace(/\+[^@]*/, ""));

function factsOf(session: Session, recipient: string | undefined, recipientCount: number): PolicyFacts {
  const { address, name, named, helo, sender } = session;
  const state = named === "tempfail" ? "tempfail" : "unknown";
  return {
    clientAddress: address,
    clientName: named === "ok" ? name : "unknown",
    clientNameState: named === "ok" ? "ok" : state,
    reverseClientName: named === "ok" || named === "reverse" ? name : "unknown",
    reverseClientNameState: named === "ok" || named === "reverse" ? "ok" : state,
    helo,
    sender,
    ...(recipient === undefined ? {} : { recipient }),
    recipientCount,
    encrypted: false,
    earlyTalk: false,
    recipientIsOurs: recipient !== undefined && isOurs(recipient),
    recipientExists: recipient === undefined || exists(recipient),
    mayRelay: false,
    senderIsOurs: isOurs(sender),
    senderExists: exists(sender),
    senderOwner: "nobody",
  };
}

/** One line a command, as a client sees it. */
async function ours(lists: PolicyLists, world: World, session: Session): Promise<string[]> {
  const answers: string[] = [];
  const accepted: string[] = [];
  const say = async (command: "rcpt" | "data", facts: PolicyFacts, yes: string): Promise<void> => {
    const { reply } = await evaluate(lists, command, facts, liveAsk(world));
    answers.push(reply === undefined ? yes : `${reply.code} ${reply.enhanced} ${reply.lines.join(" ")}`);
    if (reply === undefined && facts.recipient !== undefined) accepted.push(facts.recipient);
  };
  for (const recipient of session.recipients) {
    await say("rcpt", factsOf(session, recipient, accepted.length), "250 2.1.5 Ok");
  }
  if (accepted.length === 0) return answers;
  const only = accepted.length === 1 ? accepted[0] : undefined;
  await say("data", factsOf(session, only, accepted.length), "354");
  return answers;
}

async function postfix(port: number, session: Session): Promise<string[]> {
  const socket: Socket = connect(port, "127.0.0.1");
  // The answer is then "closed", and that is a difference.
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return "closed";
      if (value.charAt(3) !== "-") return value;
    }
  };
  const say = (line: string): Promise<string> => {
    socket.write(`${line}\r\n`);
    return answer();
  };
  await answer();
  const { address, name, named } = session;
  const absent = named === "tempfail" ? "[TEMPUNAVAIL]" : "[UNAVAILABLE]";
  const names = `NAME=${named === "ok" ? name : absent} REVERSE_NAME=${named === "ok" || named === "reverse" ? name : absent}`;
  await say(`XCLIENT ${names} ADDR=${address}`);
  await say(`EHLO ${session.helo}`);
  const answers: string[] = [];
  const mail = await say(`MAIL FROM:<${session.sender}>`);
  if (!mail.startsWith("250")) answers.push(`MAIL ${mail}`);
  let accepted = 0;
  for (const recipient of session.recipients) {
    const line = await say(`RCPT TO:<${recipient}>`);
    if (line.startsWith("250")) accepted++;
    answers.push(line);
  }
  if (accepted > 0) answers.push((await say("DATA")).replace(/^354.*/, "354"));
  socket.destroy();
  return answers;
}

type Difference = {
  readonly rules: Rules;
  readonly session: Session;
  readonly command: string;
  readonly them: string;
  readonly us: string;
};

/** Class and enhanced code must be the same; where we refuse relaying first, any refusal of theirs will do. */
function differs(them: string, us: string, recipient: string | undefined): "code" | "text" | undefined {
  if (recipient !== undefined && !isOurs(recipient))
    return /^[45]/.test(them) && /^[45]/.test(us) ? undefined : "code";
  const code = (line: string): string => line.split(" ").slice(0, 2).join(" ");
  if (code(them) !== code(us)) return "code";
  return them === us ? undefined : "text";
}

/** Differences that stand in docs/postfix-differences.md, by the words they have there. */
function explained({ rules, session, them, us }: Difference): string | undefined {
  const texts = Object.values(rules).join(", ") + Object.values(CLASSES).join(", ");
  if (them.startsWith("451 4.3.5 ") && texts.includes("warn_if_reject")) return "a mistake in a shadow rule";
  const raised = /warn_if_reject (permit_(dns|rhs)wl|check_|defer_if_reject)/.test(texts);
  // Together with defer_if_permit it also ends the list it stands in.
  const softened = them.startsWith("450") && us.startsWith("5");
  if (raised && (softened || texts.includes("defer_if_permit"))) return "defer_if_reject raised in shadow";
  const early = `${rules.client} ${rules.helo}`;
  if (
    us.startsWith("550 5.1.0") &&
    early.includes("reject_unlisted_sender") &&
    session.recipients.length > 1
  ) {
    return "reject_unlisted_sender counts once";
  }
  if (session.helo.endsWith(".") && us.includes("; Helo command [")) return "a dot at the end of HELO";
  return undefined;
}

/** Postfix opens all its doors together, the last one last. */
async function opened(port: number): Promise<void> {
  const begun_ms = performance.now();
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      if (performance.now() - begun_ms > ANSWER_MS) throw new Error("Postfix does not open its doors");
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
}

async function inside(prefix: Prefix, ruleSets: number, sessionsEach: number, seed: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-postfix-"));
  const server = await startDnsServer({ zone: ZONE, port: 53 });
  const rules = [SAMPLE, ...fc.sample(randomRules, { numRuns: ruleSets, seed })];
  const master = startPostfix(prefix, directory, FIRST_PORT, rules);
  const dns = dnsClient([{ address: "127.0.0.1", port: 53 }]);
  const differences: { kind: string; about: Difference }[] = [];
  const documented = new Map<string, number>();
  const answers = new Map<string, number>();
  let commands = 0;
  let sessions = 0;
  let told_ms = performance.now();
  try {
    await opened(FIRST_PORT + rules.length - 1);
    for (const [i, set] of rules.entries()) {
      if (performance.now() - told_ms > PROGRESS_MS) {
        told_ms = performance.now();
        console.error(
          `${i} of ${rules.length} rule sets, ${commands} commands, ${differences.length} differences`,
        );
      }
      const lists = ourLists(set);
      const world = ourWorld(lists, dns);
      const random = fc.sample(randomSession, {
        numRuns: i === 0 ? Math.min(SAMPLE_SESSIONS, sessionsEach * 20) : sessionsEach,
        seed: seed + i,
      });
      for (const session of [...cleanSessions, ...random]) {
        sessions++;
        const [them, us] = [await postfix(FIRST_PORT + i, session), await ours(lists, world, session)];
        for (let k = 0; k < Math.max(them.length, us.length); k++) {
          commands++;
          const answer = (them[k] ?? "-").replace(/<[^>]*>|\[[^\]]*\]/g, "").slice(0, 60);
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
          const recipient = session.recipients[k];
          const about = {
            rules: set,
            session,
            command: recipient ?? "DATA",
            them: them[k] ?? "-",
            us: us[k] ?? "-",
          };
          const kind = differs(about.them, about.us, recipient);
          if (kind === undefined) continue;
          const why = explained(about);
          if (why === undefined) differences.push({ kind, about });
          else documented.set(why, (documented.get(why) ?? 0) + 1);
          // What follows in this session has another past.
          if (kind === "code") break;
        }
      }
    }
  } finally {
    master.kill("SIGTERM");
    server.close();
  }
  for (const [answer, times] of [...answers].sort((a, b) => b[1] - a[1]).slice(0, 40))
    console.log(`${times} ${answer}`);
  report(`${rules.length} rule sets, ${sessions} sessions, ${commands} commands`, differences);
  for (const [why, times] of documented) console.log(`documented: ${why}: ${times}`);
  if (differences.some(({ kind }) => kind === "code"))
    console.log(
      readFileSync(join(directory, "log"), "utf8")
        .match(/.*(warning|fatal).*/g)
        ?.slice(0, 5)
        .join("\n") ?? "",
    );
  rmSync(directory, { recursive: true, force: true });
}

function report(extent: string, differences: readonly { kind: string; about: Difference }[]): void {
  const of = (kind: string) => differences.filter((difference) => difference.kind === kind);
  console.log(`${extent}: ${of("code").length} with another code, ${of("text").length} with other words`);
  for (const kind of ["code", "text"]) {
    for (const { about } of of(kind).slice(0, 12))
      console.log(
        kind,
        `\n  rules ${JSON.stringify(about.rules)}\n  session ${JSON.stringify(about.session)}\n  ${about.command}\n  them ${about.them}\n  us   ${about.us}`,
      );
  }
  process.exitCode = differences.length === 0 ? 0 : 1;
}

const [ruleSets = "100", sessionsEach = "20", seed = "1"] = process.argv.slice(2);
const prefix = peerPrefix();
if (typeof prefix === "string") {
  console.error(`not compared: ${prefix}`);
  process.exitCode = 2;
} else if (process.env["WACHPOST_INSIDE"] === "1") {
  await inside(prefix, Number(ruleSets), Number(sessionsEach), Number(seed));
  process.exit();
} else {
  const resolver = join(mkdtempSync(join(tmpdir(), "wachpost-resolver-")), "resolv.conf");
  writeFileSync(resolver, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  const script = `ip link set lo up && mount --bind ${resolver} /etc/resolv.conf && exec "$@"`;
  const self = [process.execPath, fileURLToPath(import.meta.url), ruleSets, sessionsEach, seed];
  const env = { ...process.env, WACHPOST_INSIDE: "1" };
  const { status } = spawnSync("unshare", ["-n", "-m", "sh", "-c", script, "sh", ...self], {
    stdio: "inherit",
    env,
  });
  rmSync(dirname(resolver), { recursive: true, force: true });
  process.exitCode = status ?? 1;
}
