/** A short round of every fuzz, the same one each time; `npm run fuzz` makes longer ones from other seeds. */
import { readdirSync } from "node:fs";
import { test } from "node:test";

process.env["FUZZ_RUNS"] ??= "30";
process.env["FUZZ_SEED"] ??= "1";

const folder = new URL("./", import.meta.url);
// The modules declare their tests when they are loaded, and read the environment then.
for (const file of readdirSync(folder)) {
  if (!/^(?!run\.ts$)[a-z0-9-]+\.ts$/.test(file)) continue;
  const module = (await import(new URL(file, folder).href)) as {
    fuzz?: (runs: number, seed: number) => void;
  };
  const { fuzz } = module;
  if (fuzz !== undefined)
    test(file, () => fuzz(Number(process.env["FUZZ_RUNS"]), Number(process.env["FUZZ_SEED"])));
}
