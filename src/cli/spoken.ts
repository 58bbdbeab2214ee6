import { Option, type Command } from "commander";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import { globals } from "./context.ts";
import { terminalLanguage } from "./terminal-language.ts";

/** A command that says its words in either language. */
export const spoken = (command: Command): Command =>
  command.addOption(
    new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES),
  );

/** As asked for, before or behind the name of a subcommand. */
export const languageOf = (command: Command): Language =>
  (globals(command) as { readonly lang?: Language }).lang ?? terminalLanguage();
