import { Option, type Command } from "commander";
import { printable } from "../base/ascii.ts";
import { lintTold, placeText } from "../doctor/postfix-lint.ts";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import { lintPostfix } from "../postfix/lint.ts";
import { readDirectory } from "../postfix/read-directory.ts";
import { outputOf } from "./context.ts";
import { noMainCf } from "./import-postfix.ts";
import { terminalLanguage } from "./terminal-language.ts";

/** `wachpost lint postfix DIR`: what is wrong with a Postfix. Exit code 1 where there is a danger or a warning. */
export function lintCommand(program: Command): void {
  program
    .command("lint")
    .description("examine the configuration of another mail server")
    .command("postfix")
    .argument("<dir>", "copy of /etc/postfix, or a main.cf")
    .addOption(new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES))
    .description("findings about a Postfix; nothing is changed")
    .action((dir: string, { lang = terminalLanguage() }: { readonly lang?: Language }, command: Command) => {
      const found = lintPostfix(readDirectory(dir));
      if (found === undefined) throw noMainCf(dir);
      const findings = found.map((one) => ({ ...one, ...lintTold(one, lang) }));
      const serious = findings.filter(({ severity }) => severity !== "hint").length;
      outputOf(command).show(
        { ok: serious === 0, findings },
        findings.length === 0 ? NOTHING[lang] : findings.map((one) => textOf(one, lang)).join("\n"),
      );
      if (serious > 0) process.exitCode = 1;
    });
}

const NOTHING = { en: "Nothing to find fault with.", de: "Nichts zu beanstanden." };
const SEVERITIES = {
  danger: { en: "danger", de: "Gefahr" },
  warning: { en: "warning", de: "Warnung" },
  hint: { en: "hint", de: "Hinweis" },
};

type Told = Parameters<typeof placeText>[0] &
  ReturnType<typeof lintTold> & { readonly severity: keyof typeof SEVERITIES; readonly id: string };

function textOf(finding: Told, lang: Language): string {
  const { severity, id, what, why, remedy } = finding;
  const head = `${placeText(finding)}: ${SEVERITIES[severity][lang]}: ${printable(what)} [${id}]`;
  return `${head}\n    ${printable(why)}\n    -> ${printable(remedy)}`;
}
