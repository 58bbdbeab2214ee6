import { hostname } from "node:os";
import type { Command } from "commander";
import { addresses } from "../accounts/addresses.ts";
import { systemClock } from "../base/clock.ts";
import { randomId } from "../base/ids.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { localSubmission, type LocalRefusal } from "../mta/local-submission.ts";
import { withLastStraw } from "../mta/accept.ts";
import { globals, outputOf, withStore } from "./context.ts";
import { readStandardInput } from "./standard-input.ts";

type SendmailOptions = { readonly from?: string; readonly fromHeader?: true };

/** `wachpost sendmail`: mail from programs on this machine, in the manner of sendmail(1). */
export function sendmailCommand(program: Command): void {
  program
    .command("sendmail")
    .argument("[recipients...]", "addresses; with -t also those of To, Cc and Bcc")
    .description("read a message from standard input and deliver or queue it, in one commit")
    .option("-f, --from <address>", "envelope sender, of a domain of ours (default: From of the message)")
    .option("-t, --from-header", "take recipients from To, Cc and Bcc too; Bcc is removed")
    .option("-i, --ignore-dots", "accepted for programs that give it: a single dot never ends the message")
    .action((recipients: string[], options: SendmailOptions, command: Command) =>
      withStore(command, async (store) => {
        const letter = {
          octets: await readStandardInput(),
          recipients,
          fromHeader: options.fromHeader === true,
          ...(options.from === undefined ? {} : { sender: options.from }),
        };
        const id = randomId();
        const setting = { hostName: await hostName(command), id, now_ms: systemClock.now() };
        const prepared = await localSubmission(letter, addresses(store), setting);
        if (!prepared.ok) throw refusal(prepared.error);
        const outcomes = await store.mail.deliver(withLastStraw(prepared.value));
        const delivered = outcomes.filter(({ kind }) => kind === "stored").length;
        if (delivered < outcomes.length) throw refusal({ code: "over-quota", text: "A mailbox is full." });
        const queued = prepared.value.queue?.recipients.length ?? 0;
        outputOf(command).show(
          { id, delivered, queued },
          `${id}: ${delivered} delivered here, ${queued} queued.`,
        );
      }),
    );
}

async function hostName(command: Command): Promise<string> {
  const { config } = globals(command);
  return config === undefined ? hostname() : (await loadConfig(config)).hostname;
}

const refusal = ({ code, text }: LocalRefusal): OperatorError =>
  new OperatorError(code, text, "`wachpost sendmail --help` shows how it is used.");
