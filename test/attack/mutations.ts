/**
 * The attack against a server with each defence removed in turn: every one has to be noticed, and nothing on the server
 * as it is. `npm run attack-mutations`; `--only TEXT`: those whose name or attack holds the text, `--part 1/3`: a third of them.
 */
import { parseArgs } from "node:util";
import { TestServer } from "../e2e/server.ts";
import { MUTATIONS } from "./mutation-table.ts";
import type { Mutation } from "./mutation.ts";
import { moreDoors, unnoticed, Workshop } from "./workshop.ts";

type Outcome = {
  readonly name: string;
  readonly check: string;
  readonly caught: boolean;
  readonly seconds: number;
  readonly saw: string;
};

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    part: { type: "string", default: "1/1" },
    workers: { type: "string", default: "2" },
  },
});
const { only = "" } = values;
const [part = 1, parts = 1] = values.part.split("/").map(Number);
const chosen = MUTATIONS.filter(({ name, check }) => name.includes(only) || check.includes(only)).filter(
  (_, i) => i % parts === part - 1,
);
const began_ms = performance.now();
const seconds = (since_ms: number): number => Math.round((performance.now() - since_ms) / 100) / 10;

/** The server as it is: all green, with an account that comes and goes. */
async function whole(): Promise<boolean> {
  const start_ms = performance.now();
  await using server = await TestServer.start({ toml: await moreDoors() });
  const { status, stdout, stderr } = await server.cliLater("--json", "attack", "--no-history");
  const findings = stdout.startsWith("{")
    ? (
        JSON.parse(stdout) as {
          findings: { check: string; grade: string; subject: string; evidence: string }[];
        }
      ).findings
    : [];
  const red = findings.filter(({ grade }) => grade !== "ok");
  for (const { check, grade, subject, evidence } of red)
    console.log(`  ${grade} ${check} ${subject}: ${evidence}`);
  const green = status === 0 && findings.length > 0;
  console.log(
    `${green ? "green" : "NOT GREEN"}  the server as it is: ${findings.length} findings, ${seconds(start_ms)} s ${green ? "" : stderr}`,
  );
  return green;
}

async function tried(mutation: Mutation, workshop: Workshop): Promise<Outcome> {
  const start_ms = performance.now();
  const { name, check } = mutation;
  try {
    const report = await workshop.attacked([mutation]);
    const missed = unnoticed(mutation, report);
    const found = report.findings.find((finding) => finding.check === check && finding.grade !== "ok");
    const saw =
      found?.evidence ??
      report.findings.map((finding) => `${finding.check} ${finding.grade} ${finding.evidence}`).join(" | ");
    return {
      name,
      check,
      caught: missed.length === 0,
      seconds: seconds(start_ms),
      saw: missed.length === 0 ? saw : `${missed.join(", ")} not red: ${saw}`,
    };
  } catch (error) {
    return { name, check, caught: false, seconds: seconds(start_ms), saw: String(error) };
  }
}

/** Each worker has a tree and a server of its own. */
async function work(queue: Mutation[], outcomes: Outcome[]): Promise<void> {
  await using workshop = await Workshop.open();
  for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
    const outcome = await tried(mutation, workshop);
    outcomes.push(outcome);
    const { caught, name, check, seconds: took, saw } = outcome;
    console.log(
      `${caught ? "caught" : "MISSED"}  ${name.padEnd(46)} ${check.padEnd(24)} ${String(took).padStart(5)} s  ${saw.slice(0, 90)}`,
    );
  }
}

// The server as it is belongs to the first part of all.
const green = only !== "" || part > 1 || (await whole());
const outcomes: Outcome[] = [];
const quick = chosen.filter(({ slow }) => !slow);
// Those that wait cost nothing: they have a worker of their own.
const waiting = chosen.filter(({ slow }) => slow);
const workers = Array.from({ length: Number(values.workers) }, () => work(quick, outcomes));
await Promise.all([...workers, ...(waiting.length === 0 ? [] : [work(waiting, outcomes)])]);
const missed = outcomes.filter(({ caught }) => !caught);
console.log(
  `${outcomes.length} defences removed in turn, ${outcomes.length - missed.length} noticed; ${seconds(began_ms)} s`,
);
console.log(
  JSON.stringify({
    green,
    mutations: outcomes.length,
    caught: outcomes.length - missed.length,
    missed: missed.map(({ name }) => name),
    seconds: seconds(began_ms),
  }),
);
process.exitCode = green && missed.length === 0 && outcomes.length > 0 ? 0 : 1;
