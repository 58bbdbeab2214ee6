/** What `bin/wachpost.js` calls. The server is loaded only by the commands that start one. */
import { runCommandLine } from "./cli/program.ts";

export const run = (argv: readonly string[]): Promise<void> =>
  runCommandLine(argv, async (config, log, file) =>
    (await import("./main.ts")).startServer(config, log, file),
  );
