/**
 * Every fuzz of this folder in turn: `npm run fuzz -- --runs 2000 --seed 1`. Without a seed one is drawn; it is printed,
 * and the same seed repeats the round. Exit code 1 on a finding.
 */
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const SEED_MAX = 1_000_000_000;
const folder = new URL("./", import.meta.url);

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "2000" }, seed: { type: "string" } },
  allowPositionals: true,
});
const runs = wholeNumber("--runs", values.runs);
const seed = wholeNumber("--seed", values.seed ?? String(Date.now() % SEED_MAX));
const files = fuzzFiles(positionals);

/** A module of this folder is a fuzz unless it runs the others. Names on the command line choose among them. */
function fuzzFiles(only: readonly string[]): string[] {
  const all = readdirSync(folder).filter(
    (file) => file.endsWith(".ts") && !/^run\.ts$|\.test\.ts$/.test(file),
  );
  const unknown = only.find((name) => !all.includes(`${name}.ts`));
  if (unknown !== undefined) fail(`no fuzz is called ${unknown}; there are ${all.join(", ")}`);
  return all.filter((file) => only.length === 0 || only.includes(file.slice(0, -".ts".length))).sort();
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,9}$/.test(text)) fail(`${name} is a number above 0, not ${text}`);
  return Number(text);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

type Tally = { passed: number; failed: number };

/** `message.ts` is a program of its own that takes both numbers as arguments; the others read the environment. */
async function round(file: string): Promise<Tally> {
  const tally = { passed: 0, failed: 0 };
  const path = fileURLToPath(new URL(file, folder));
  const stream = run({ files: [path], concurrency: 1, argv: [String(runs), String(seed)] });
  for await (const event of stream) {
    if (event.type === "test:pass") {
      tally.passed++;
      console.log(`  pass  ${shortName(event.data.name, path)}`);
    } else if (event.type === "test:fail") {
      tally.failed++;
      console.log(`  FAIL  ${shortName(event.data.name, path)}`);
      console.log(event.data.details.error.cause ?? event.data.details.error);
    } else if (event.type === "test:stderr") process.stderr.write(event.data.message);
  }
  return tally;
}

const shortName = (name: string, path: string): string => (name === path ? "all rounds" : name);

process.env["FUZZ_RUNS"] = String(runs);
process.env["FUZZ_SEED"] = String(seed);
console.log(`${runs} runs of each property, seed ${seed}`);
const total: Tally = { passed: 0, failed: 0 };
for (const file of files) {
  console.log(file);
  const { passed, failed } = await round(file);
  // A module that tried nothing is a finding too: somebody broke it.
  if (passed + failed === 0) console.log("  FAIL  no property was tried");
  total.passed += passed;
  total.failed += passed + failed === 0 ? 1 : failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
