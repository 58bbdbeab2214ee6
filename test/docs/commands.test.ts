/** Every `wachpost …` that a reader is told to type, in the documents and in the texts of the program, is one there is. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Command } from "commander";
import { programFor } from "../../src/cli/program.ts";

const ROOT = join(import.meta.dirname, "../..");

/** In a line of a code block, behind a prompt or not; and between grave accents, in prose and in sentences. */
const LINE = /^(?:\$ |# )?(?:npx )?wachpost (.+)$/gm;
const QUOTED = /`(?:sudo |npx )?wachpost ([a-z-][^`\n]*)`/g;
/** The text of the program is its own command in strings only. */
const IN_SENTENCES = /\\?`wachpost ([a-z-][^`\\\n]*)\\?`/g;

function commandsIn(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const forms = file.endsWith(".md") ? [LINE, QUOTED] : [IN_SENTENCES];
  return forms.flatMap((form) => [...text.matchAll(form)].map((found) => found[1] ?? ""));
}

/** What is wrong with it; undefined where it can be typed. */
function faultOf(program: Command, line: string): string | undefined {
  const typed = line.replace(/\s+#.*$/, "").split(/\s[|>]|&&|;/)[0] ?? "";
  const words = typed
    .trim()
    .replace(/^(?:--(?:config|data) \S+ )+/, "")
    .split(/\s+/);
  let command = program;
  let inName = true;
  for (const word of words) {
    if (word.startsWith("--")) {
      const flag = /^--[a-z-]+/.exec(word)?.[0] ?? word;
      if (!knows(command, flag) && !knows(program, flag)) return `${command.name()} has no ${flag}`;
    } else if (inName) {
      const sub = command.commands.find((one) => one.name() === word.replace(/[,.…:]$/, ""));
      if (sub === undefined && command === program && !WHATEVER.test(word))
        return `there is no command ${word}`;
      inName = sub !== undefined;
      command = sub ?? command;
    }
  }
  return undefined;
}

const WHATEVER = /^(?:…|COMMAND|\.\.\.)$/;
/** Of the program only what stands in front of commands; of a command also what the one it means without a name has. */
const knows = (command: Command, flag: string): boolean =>
  flag === "--help" ||
  command.options.some(({ long }) => long === flag) ||
  (command.parent !== null && command.commands.some((sub) => knows(sub, flag)));

test("what the documents and the program tell a reader to type is there", async () => {
  const program = await programFor([], () => Promise.reject(new Error("no server here")));
  const files = [
    "README.md",
    ...globSync("{docs,src}/**/*.md", { cwd: ROOT }),
    ...globSync("src/**/*.ts", { cwd: ROOT }),
  ];
  const told = files.flatMap((file) => commandsIn(file).map((line) => ({ file, line })));
  assert.ok(told.length > 300, `only ${told.length} were found`);
  const faults = told.flatMap(({ file, line }) => {
    const fault = faultOf(program, line);
    return fault === undefined ? [] : [`${file}: wachpost ${line}: ${fault}`];
  });
  assert.deepEqual(faults, []);
});
