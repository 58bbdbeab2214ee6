import { InvalidArgumentError, Option, type Command } from "commander";

/** Where an import goes, whatever it comes from. */
export type IntoAccount = {
  readonly account: string;
  /** Mailbox here by folder there; empty: left out. */
  readonly map: ReadonlyMap<string, string>;
};

export const intoAccount = (command: Command): Command =>
  command
    .requiredOption("--account <login>", "the account here, e.g. anna@example.org")
    .addOption(
      new Option("--map <there=here>", "another mailbox for a folder; empty: leave it out; repeatable")
        .argParser(mapped)
        .default(new Map(), "by use, else by name"),
    );

function mapped(text: string, known: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("THERE=HERE is wanted, e.g. --map 'Sent Messages=Sent'");
  return new Map([...known, [text.slice(0, at), text.slice(at + 1)]]);
}
