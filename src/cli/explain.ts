import { Option, type Command } from "commander";
import { OperatorError } from "../base/operator-error.ts";
import { explain } from "../journal/explain.ts";
import { findRelated } from "../journal/find.ts";
import { wrap } from "../journal/wrap.ts";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import { terminalLanguage } from "./terminal-language.ts";
import { outputOf, withStore } from "./context.ts";
import { duration_ms } from "./duration.ts";

type ExplainFlags = { readonly last?: number; readonly lang?: Language; readonly zone?: string };

/** `wachpost explain …`: what happened to a message, a session or somebody's mail, and why. */
export function explainCommand(program: Command): void {
  program
    .command("explain")
    .argument("<what>", "queue id, session id, message-id, address or IP address")
    .description("tell in plain words what happened, which rule decided and how to make an exception")
    .option("--last <time>", "how far back, e.g. 12h or 7d (default: all that is kept)", duration_ms)
    .addOption(new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES))
    .option(
      "--zone <zone>",
      "tell times in this zone too, e.g. Europe/Berlin (default: that of this machine)",
    )
    .action((what: string, flags: ExplainFlags, command: Command) =>
      withStore(command, async (store) => {
        const found = await findRelated(
          { text: what, now_ms: Date.now(), ...(flags.last === undefined ? {} : { last_ms: flags.last }) },
          store.journal,
        );
        const zone = checkedZone(flags.zone);
        const sentences = explain(found.records, flags.lang ?? terminalLanguage(), {
          zone,
          more: found.more,
        });
        outputOf(command).show(
          { records: found.records, more: found.more, sentences },
          wrap(sentences, process.stdout.columns).join("\n"),
        );
      }),
    );
}

function checkedZone(zone: string | undefined): string {
  const wanted = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    return Intl.DateTimeFormat("en", { timeZone: wanted }).resolvedOptions().timeZone;
  } catch {
    throw new OperatorError(
      "bad-zone",
      `${wanted} is not a time zone.`,
      "Write its name like Europe/Berlin.",
    );
  }
}
