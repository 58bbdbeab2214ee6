/** What `bin/wachpost.js` calls. The server is loaded only by the commands that start one. */
import { runCommandLine } from "./cli/program.ts";

export const run = (argv: readonly string[]): Promise<void> =>
  runCommandLine(argv, async (config, log, file) => {
    const { layGround } = await import("./assembly/ground.ts");
    const { ready } = await layGround(config, log);
    const { startServer } = await import("./main.ts");
    return await startServer(config, await ready, file);
  });
