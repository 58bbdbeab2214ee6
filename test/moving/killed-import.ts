/** An import that is killed in the middle, as a machine without power would. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LAUNCHER, type TestServer } from "../e2e/server.ts";

/** Kills the import as soon as it has told of so many batches. */
export async function killedAfter(
  server: TestServer,
  args: readonly string[],
  batches: number,
): Promise<void> {
  const child = spawn(process.execPath, [LAUNCHER, "--config", server.config, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let seen = 0;
  const lines = createInterface({ input: child.stderr });
  lines.on("line", () => ++seen === batches && child.kill("SIGKILL"));
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", `it ended by itself after ${seen} batches`);
}

/** As if it had been killed between the commit and the line that tells of it, and in the middle of writing that. */
export function forgetLastLine(server: TestServer): void {
  const imports = join(server.directory, "data/imports");
  const names = readdirSync(imports, { recursive: true }) as string[];
  const file = join(imports, names.find((name) => name.endsWith("moved.jsonl")) ?? "none");
  const text = readFileSync(file, "utf8");
  truncateSync(file, Buffer.byteLength(text.slice(0, text.lastIndexOf("\n", text.length - 2) + 20)));
}
