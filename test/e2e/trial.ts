/** Runs `wachpost try` and reads what it says of itself. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { LAUNCHER } from "./server.ts";

const START_MS = 60_000;

export type Ready = {
  readonly ready: boolean;
  readonly ports: Readonly<Record<"smtp" | "submissions" | "submission" | "imaps" | "pop3s" | "web", number>>;
  readonly login: string;
  readonly password?: string;
  readonly ca: string;
  readonly data: string;
  readonly selfTest: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
};

export type Trial = AsyncDisposable & {
  readonly ready: Ready;
  stderr(): string;
  /** The exit code. */
  end(signal: NodeJS.Signals): Promise<number>;
};

/** `command` begins with the program; by default the launcher of this checkout. */
export async function startTry(
  data: string,
  portOffset: number,
  command: readonly [string, ...string[]] = [process.execPath, LAUNCHER],
  cwd?: string,
): Promise<Trial> {
  const [program, ...first] = command;
  const args = [...first, "try", "--data", data, "--port-offset", String(portOffset), "--json"];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "exit").then(([code]) => (code as number | null) ?? -1);
  const line = once(createInterface({ input: child.stdout }), "line", {
    signal: AbortSignal.timeout(START_MS),
  });
  line.catch(() => child.kill("SIGKILL"));
  const early = ended.then((code) => assert.fail(`exit ${code}: ${stderr}`));
  early.catch(() => {});
  const [text] = await Promise.race([line, early]);
  return {
    ready: JSON.parse(text as string) as Ready,
    stderr: () => stderr,
    end(signal) {
      child.kill(signal);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
