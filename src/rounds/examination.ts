/** Runs an examination in a process of its own, so that one that dies, hangs or grows disturbs no mail. */
import { spawn } from "node:child_process";
import { setPriority } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { printable } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Finding } from "../doctor/finding.ts";
import { findingsFrom } from "../doctor/kept-findings.ts";
import type { Order } from "./examination-process.ts";
import { ROUNDS_LIMITS } from "./limits.ts";

export type Examination = { readonly looked: readonly Finding[]; readonly expected: readonly Finding[] };

/** Behind everything else that wants the processor. */
const NICE = 10;
/** From source in a checkout, compiled in a package. */
const PROCESS = fileURLToPath(new URL(`./examination-process${extname(import.meta.url)}`, import.meta.url));

/** The error says how it ended, for the operator. `program`: what runs it, for tests. */
export async function runExamination(
  order: Order,
  signal: AbortSignal,
  {
    program = PROCESS,
    deadline_ms = ROUNDS_LIMITS[`${order.kind}_ms`],
  }: { program?: string; deadline_ms?: number } = {},
): Promise<Result<Examination, string>> {
  const ended = await outputOf(program, JSON.stringify(order), signal, deadline_ms);
  if (!ended.ok) return ended;
  try {
    const { looked, expected } = JSON.parse(ended.value) as Record<"looked" | "expected", unknown>;
    const found = { looked: findingsFrom(looked), expected: findingsFrom(expected) };
    if (found.looked && found.expected) return ok({ looked: found.looked, expected: found.expected });
  } catch {
    // Told below.
  }
  return err("what it said cannot be read");
}

function outputOf(
  program: string,
  input: string,
  signal: AbortSignal,
  deadline_ms: number,
): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const memory = `--max-old-space-size=${ROUNDS_LIMITS.memory_mib}`;
    const child = spawn(process.execPath, [memory, program], { stdio: "pipe" });
    let [said, lastWords, why] = ["", "", ""];
    const kill = (reason: string): void => {
      why ||= reason;
      child.kill("SIGKILL");
    };
    const stop = (): void => kill("the server stopped");
    const timer = setTimeout(
      () => kill(`no end within ${Math.ceil(deadline_ms / 60_000)} minutes`),
      deadline_ms,
    );
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.length > ROUNDS_LIMITS.report_octets) kill("it said too much");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      lastWords = (lastWords + text).slice(-ROUNDS_LIMITS.lastWords_chars);
    });
    child.on("error", (error) => (why ||= error.message));
    // It may be gone before it has heard all.
    child.stdin.on("error", () => {});
    child.on("spawn", () => {
      lowerPriority(child.pid);
      child.stdin.end(input);
    });
    child.on("close", (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      const last = reasonIn(lastWords);
      if (why !== "") resolve(err(why));
      else if (code === 0) resolve(ok(said));
      else resolve(err(`it ended with ${killedBy ?? `code ${code}`}${last === "" ? "" : `: ${last}`}`));
    });
  });
}

/** What is an error among the lines, else the last of them. */
function reasonIn(lastWords: string): string {
  const lines = lastWords.trim().split("\n");
  return printable(lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "");
}

/** Some places forbid it; then it is as fast as everybody. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // The deadline holds all the same.
  }
}
