/** Several commands in one process, as loading one takes longer than it runs: their arguments come as JSON, their outputs end in NUL. */
import { run } from "../../src/command-line.ts";

for (const command of JSON.parse(process.argv[2] ?? "[]") as string[][]) {
  await run(command);
  if (process.exitCode) break;
  process.stdout.write("\0");
}
