import type { Command } from "commander";
import { printable } from "../base/ascii.ts";
import { lintPostfix, type LintFinding } from "../postfix/lint.ts";
import { readDirectory } from "../postfix/read-directory.ts";
import { outputOf } from "./context.ts";
import { noMainCf } from "./import-postfix.ts";

/** `wachpost lint postfix DIR`: what is wrong with a Postfix. Exit code 1 where there is a danger or a warning. */
export function lintCommand(program: Command): void {
  program
    .command("lint")
    .description("examine the configuration of another mail server")
    .command("postfix")
    .argument("<dir>", "copy of /etc/postfix, or a main.cf")
    .description("findings about a Postfix; nothing is changed")
    .action((dir: string, _options, command: Command) => {
      const findings = lintPostfix(readDirectory(dir));
      if (findings === undefined) throw noMainCf(dir);
      const serious = findings.filter(({ severity }) => severity !== "hint").length;
      outputOf(command).show(
        { ok: serious === 0, findings },
        findings.length === 0 ? "Nothing to find fault with." : findings.map(textOf).join("\n"),
      );
      if (serious > 0) process.exitCode = 1;
    });
}

function textOf({ severity, file, line, id, what, why, remedy }: LintFinding): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return `${place}: ${severity}: ${printable(what)} [${id}]\n    ${printable(why)}\n    -> ${printable(remedy)}`;
}
