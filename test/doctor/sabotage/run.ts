/** `npm run sabotage`: each sabotage on a freshly set-up server, and what the next run of the doctor says to it. */
import { fileURLToPath } from "node:url";
import type { DoctorReport } from "../../../src/doctor/report-json.ts";
import { DNS_SABOTAGES } from "./dns-sabotages.ts";
import { inNetwork, networkMissing } from "./network.ts";
import type { Sabotage } from "./sabotage.ts";
import { SERVER_SABOTAGES } from "./server-sabotages.ts";
import { World } from "./world.ts";
import { worldMissing } from "./missing.ts";
import { endWithNpm } from "../../setup/dies-with-us.ts";

/** One line of JSON each: what happened, and what is wrong about it. */
export type Outcome = { readonly what: string; readonly problem?: string; readonly seen?: string };

const INSIDE = "--inside";
export const SABOTAGES: readonly Sabotage[] = [...DNS_SABOTAGES, ...SERVER_SABOTAGES];

/** The checks that are not ok. */
const reds = (findings: DoctorReport["findings"]): readonly string[] => [
  ...new Set(findings.filter(({ grade }) => grade !== "ok").map(({ check }) => check)),
];

/** Undefined: noticed, with the right remedy, and nothing else is red that is no consequence. */
export function problemOf(sabotage: Sabotage, report: DoctorReport): string | undefined {
  const found = report.findings.filter(({ check, grade }) => check === sabotage.check && grade !== "ok");
  if (found.length === 0)
    return `not noticed by ${sabotage.check}; red: ${reds(report.findings).join(", ") || "nothing"}`;
  const remedies = found.map(({ remedy = "" }) => remedy);
  if (!remedies.some((text) => sabotage.remedy.test(text))) return `the remedy is: ${remedies.join(" | ")}`;
  if (sabotage.consequences === "any") return undefined;
  const allowed = new Set<string>([sabotage.check, ...sabotage.consequences]);
  const looked = report.findings.filter(({ note }) => note !== "not-looked");
  const others = reds(looked).filter((check) => !allowed.has(check));
  return others.length === 0 ? undefined : `also red: ${others.join(", ")}`;
}

async function run(
  wanted: (sabotage: Sabotage) => boolean,
  isShort: boolean,
  tell: (one: Outcome) => void,
): Promise<void> {
  await using world = await World.open();
  const whole = await world.doctor();
  const isGood = whole.score === 100 && reds(whole.findings).length === 0;
  tell({
    what: "a server freshly set up: 100 %, no warning",
    ...(isGood ? {} : { problem: `${whole.score} %: ${reds(whole.findings).join(", ")}` }),
  });
  for (const sabotage of SABOTAGES.filter(wanted)) {
    tell({ what: sabotage.what, ...(await tried(sabotage, world, isShort)) });
  }
  if (isShort) return;
  const last = await world.doctor();
  tell({
    what: "all undone: 100 % again",
    ...(last.score === 100 ? {} : { problem: `${last.score} %: ${reds(last.findings).join(", ")}` }),
  });
}

async function tried(sabotage: Sabotage, world: World, isShort: boolean): Promise<Omit<Outcome, "what">> {
  try {
    await sabotage.do(world);
    const report = await world.doctor(isShort ? sabotage.families : []);
    const problem = problemOf(sabotage, report);
    return { seen: reds(report.findings).join(" "), ...(problem === undefined ? {} : { problem }) };
  } catch (error) {
    return { problem: String(error) };
  } finally {
    await sabotage.undo(world);
  }
}

/** In a network of its own; `tell` hears each outcome as it comes. */
export async function runInside(args: readonly string[], tell: (one: Outcome) => void): Promise<number> {
  const child = inNetwork(process.execPath, [fileURLToPath(import.meta.url), INSIDE, ...args]);
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(JSON.parse(line) as Outcome);
  });
  child.stderr?.pipe(process.stderr);
  return await new Promise((resolve) => child.on("close", (code) => resolve(code ?? -1)));
}

/** `--short`: only the families of a sabotage, and no last look; `--part 2/3`; any other word: only those whose name holds it. */
function wantedBy(args: readonly string[]): (sabotage: Sabotage) => boolean {
  const [part = 1, parts = 1] = (/--part[ =](\d+)\/(\d+)/.exec(args.join(" ")) ?? []).slice(1).map(Number);
  const words = args.filter((one) => !one.startsWith("-") && !/^\d+\/\d+$/.test(one));
  return (sabotage) => {
    const at = SABOTAGES.indexOf(sabotage);
    return (
      at % parts === part - 1 && (words.length === 0 || words.some((word) => sabotage.what.includes(word)))
    );
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithNpm();
  const args = process.argv.slice(2);
  const missing = networkMissing || worldMissing;
  if (args[0] === INSIDE)
    await run(wantedBy(args.slice(1)), args.includes("--short"), (one) => console.log(JSON.stringify(one)));
  else if (missing) console.log(missing);
  else {
    let bad = 0;
    const status = await runInside(args, ({ what, problem, seen }) => {
      if (problem !== undefined) bad++;
      console.log(
        `${problem === undefined ? "✓" : "✗"} ${what}${seen === undefined ? "" : `  [${seen}]`}${problem === undefined ? "" : `\n    ${problem}`}`,
      );
    });
    process.exitCode = status !== 0 || bad > 0 ? 1 : 0;
  }
}
