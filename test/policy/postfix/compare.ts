/**
 * Random sessions against Postfix 3.7 and against our rules, with the same DNS: `npm run postfix-compare --
 * [rule sets] [sessions each] [seed] [--only SET] [--hand FILE]`. Needs root and Debian's package; everything runs in a
 * network of its own. Ends with 0 when nothing differs, with 1 when something does, with 2 where Postfix cannot be had.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dnsClient } from "../../../src/dns/client.ts";
import { peerPrefix, type Prefix } from "../../bench/peer-packages.ts";
import { startDnsServer } from "../../simulate/dns-server.ts";
import { casesByHand, randomCases, type Case } from "./cases.ts";
import { isOurs, ourLists, ours, ourWorld, postfix } from "./dialogue.ts";
import { documented, type Difference } from "./documented.ts";
import { startPostfix } from "./peer.ts";
import { ZONE } from "./sessions.ts";

const FIRST_PORT = 20_000;
/** Longest wait for the doors of Postfix to open. */
const OPEN_MS = 60_000;
const PROGRESS_MS = 10_000;
const SETS_SHOWN_MAX = 12;

/** Class and enhanced code must be the same; where we refuse relaying first, any refusal of theirs will do. */
function differs(them: string, us: string, recipient: string | undefined): "code" | "text" | undefined {
  if (recipient !== undefined && !isOurs(recipient))
    return /^[45]/.test(them) && /^[45]/.test(us) ? undefined : "code";
  const code = (line: string): string => line.split(" ").slice(0, 2).join(" ");
  if (code(them) !== code(us)) return "code";
  return them === us ? undefined : "text";
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
      if (performance.now() - begun_ms > OPEN_MS) throw new Error("Postfix does not open its doors");
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
}

/** All that is found, added up over all rule sets. */
class Tally {
  readonly differences: { kind: "code" | "text"; about: Difference }[] = [];
  readonly documented = new Map<string, number>();
  readonly answers = new Map<string, number>();
  sessions = 0;
  commands = 0;
}

async function compareCase(
  { set, rules, sessions }: Case,
  port: number,
  dns: ReturnType<typeof dnsClient>,
  tally: Tally,
  tell: (line: string) => void,
): Promise<void> {
  const lists = ourLists(rules);
  const world = ourWorld(lists, dns);
  for (const session of sessions) {
    tally.sessions++;
    const [them, us] = [await postfix(port, session), await ours(lists, world, session)];
    for (let k = 0; k < Math.max(them.length, us.length); k++) {
      tally.commands++;
      const answer = (them[k] ?? "-").replace(/<[^>]*>|\[[^\]]*\]/g, "").slice(0, 60);
      tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + 1);
      const recipient = session.recipients[k];
      const both = { them: them[k] ?? "-", us: us[k]?.line ?? "-" };
      const about = { set, rules, session, command: recipient ?? "DATA", ...both };
      tell(`  ${about.command}\n    them ${both.them}\n    us   ${both.us}`);
      const kind = differs(both.them, both.us, recipient);
      if (kind === undefined) continue;
      const why = await documented(about, us[k]);
      if (why === undefined) tally.differences.push({ kind, about });
      else tally.documented.set(why, (tally.documented.get(why) ?? 0) + 1);
      // What follows in this session has another past.
      if (kind === "code") break;
    }
  }
}

async function inside(prefix: Prefix, cases: readonly Case[], byHand: boolean): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-postfix-"));
  const server = await startDnsServer({ zone: ZONE, port: 53 });
  const sets = cases.map(({ rules }) => rules);
  const master = startPostfix(prefix, directory, FIRST_PORT, sets);
  const dns = dnsClient([{ address: "127.0.0.1", port: 53 }]);
  const tally = new Tally();
  const tell = (line: string): void => (byHand ? console.log(line) : undefined);
  let told_ms = performance.now();
  try {
    await opened(FIRST_PORT + cases.length - 1);
    for (const [i, one] of cases.entries()) {
      if (performance.now() - told_ms > PROGRESS_MS) {
        told_ms = performance.now();
        const found = `${tally.commands} commands, ${tally.differences.length} differences`;
        console.error(`${i} of ${cases.length} rule sets, ${found}`);
      }
      tell(JSON.stringify(one.rules));
      await compareCase(one, FIRST_PORT + i, dns, tally, tell);
    }
  } finally {
    master.kill("SIGTERM");
    server.close();
  }
  report(tally, cases.length);
  if (tally.differences.some(({ kind }) => kind === "code")) {
    const log = readFileSync(join(directory, "log"), "utf8");
    console.log(
      log
        .match(/.*(warning|fatal).*/g)
        ?.slice(0, 5)
        .join("\n") ?? "",
    );
  }
  rmSync(directory, { recursive: true, force: true });
}

function report({ answers, differences, documented: known, sessions, commands }: Tally, sets: number): void {
  for (const [answer, times] of [...answers].sort((a, b) => b[1] - a[1]).slice(0, 40))
    console.log(`${times} ${answer}`);
  const of = (kind: string) => differences.filter((difference) => difference.kind === kind);
  const extent = `${sets} rule sets, ${sessions} sessions, ${commands} commands`;
  console.log(`${extent}: ${of("code").length} with another code, ${of("text").length} with other words`);
  for (const kind of ["code", "text"]) {
    // One of each set: more of the same teaches nothing.
    const each = new Map(of(kind).map(({ about }) => [about.set, about]));
    for (const about of [...each.values()].slice(0, SETS_SHOWN_MAX))
      console.log(
        kind,
        `\n  set ${about.set}\n  rules ${JSON.stringify(about.rules)}\n  session ${JSON.stringify(about.session)}\n  ${about.command}\n  them ${about.them}\n  us   ${about.us}`,
      );
  }
  for (const [why, times] of known) console.log(`documented: ${why}: ${times}`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, hand: { type: "string" } },
});
const prefix = peerPrefix();
if (typeof prefix === "string") {
  console.error(`not compared: ${prefix}`);
  process.exitCode = 2;
} else if (process.env["WACHPOST_INSIDE"] === "1") {
  const [ruleSets = "100", sessionsEach = "20", seed = "1"] = positionals;
  const all = (): Case[] => randomCases(Number(ruleSets), Number(sessionsEach), Number(seed));
  const cases = values.hand === undefined ? all() : casesByHand(readFileSync(values.hand, "utf8"));
  const chosen = cases.filter(({ set }) => values.only === undefined || set === Number(values.only));
  await inside(prefix, chosen, values.hand !== undefined);
  process.exit();
} else {
  const resolver = join(mkdtempSync(join(tmpdir(), "wachpost-resolver-")), "resolv.conf");
  writeFileSync(resolver, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  const script = `ip link set lo up && mount --bind ${resolver} /etc/resolv.conf && exec "$@"`;
  const self = [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const env = { ...process.env, WACHPOST_INSIDE: "1" };
  const { status } = spawnSync("unshare", ["-n", "-m", "sh", "-c", script, "sh", ...self], {
    stdio: "inherit",
    env,
  });
  rmSync(dirname(resolver), { recursive: true, force: true });
  process.exitCode = status ?? 1;
}
