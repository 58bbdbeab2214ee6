import type { Command } from "commander";
import { OperatorError } from "../base/operator-error.ts";
import { printable } from "../base/ascii.ts";
import type { QueueEntry, QueueRecipient } from "../store/store.ts";
import { outputOf, withStore } from "./context.ts";
import { table } from "./output.ts";

/** `wachpost queue …`: what waits to leave, and what to do about it. */
export function queueCommand(program: Command): void {
  const queue = program.command("queue").description("mail that waits to leave this server");
  queue
    .command("list", { isDefault: true })
    .description("all waiting mail, oldest first")
    .action((_options, command: Command) =>
      withStore(command, async (store) => {
        const entries = await store.queue.queued();
        outputOf(command).show(
          entries,
          entries.length === 0 ? "The queue is empty." : table([HEAD, ...entries.flatMap(rowsOf)]),
        );
      }),
    );
  queue
    .command("flush")
    .argument("[id]", "one message instead of all")
    .description("try again now instead of at the next turn")
    .action((id: string | undefined, _options, command: Command) =>
      withStore(command, async (store) => {
        const count = await store.queue.flush(id);
        if (id !== undefined && count === 0) throw notQueued(id);
        outputOf(command).show(
          { flushed: count },
          `${count} ${count === 1 ? "message is" : "messages are"} due now; a running server tries within five seconds.`,
        );
      }),
    );
  queue
    .command("hold")
    .argument("<id>")
    .description("keep a message without trying")
    .action((id: string, _options, command: Command) => setHeld(command, id, true));
  queue
    .command("release")
    .argument("<id>")
    .description("let a held message go")
    .action((id: string, _options, command: Command) => setHeld(command, id, false));
  queue
    .command("drop")
    .argument("<id>")
    .description("forget a message; its sender is not told")
    .action((id: string, _options, command: Command) =>
      withStore(command, async (store) => {
        if (!(await store.queue.drop(id))) throw notQueued(id);
        outputOf(command).show({ dropped: id }, `${id} is gone.`);
      }),
    );
}

const HEAD = ["ID", "AGE", "SIZE", "FROM", "TO", "STATE"];

function rowsOf(entry: QueueEntry): string[][] {
  return entry.recipients.map((recipient, i) => {
    const first =
      i === 0
        ? [entry.id, ageOf(entry), String(entry.size_octets), entry.from === "" ? "<>" : entry.from]
        : ["", "", "", ""];
    return [...first, recipient.address, stateOf(entry, recipient)].map((cell) => printable(cell, 160));
  });
}

const ageOf = (entry: QueueEntry): string => `${Math.floor((Date.now() - entry.created_ms) / 60_000)} min`;

function stateOf(entry: QueueEntry, recipient: QueueRecipient): string {
  if (recipient.state !== "pending") return recipient.state;
  if (entry.held) return "held";
  const next = new Date(recipient.nextAttempt_ms).toISOString().slice(0, 19);
  return recipient.lastReply === undefined ? "new" : `next ${next}Z: ${recipient.lastReply}`;
}

const notQueued = (id: string): OperatorError =>
  new OperatorError(
    "not-queued",
    `No message ${id} in the queue.`,
    "`wachpost queue list` shows what is there.",
  );

function setHeld(command: Command, id: string, held: boolean): Promise<void> {
  return withStore(command, async (store) => {
    if (!(await store.queue.hold(id, held))) throw notQueued(id);
    outputOf(command).show({ id, held }, `${id} is ${held ? "held" : "released"}.`);
  });
}
