import { negative, positive, type StatusReply } from "../reply.ts";
import type { Command } from "../stage.ts";

const farewell = (reply: StatusReply): StatusReply => ({ ...reply, next: "close" });

/** Ends the session; the only place where messages are removed, all marked ones in one commit. RFC 1939 §4, §6 */
export const quit: Command = {
  when: "any",
  argument: "none",
  async run({ stage }) {
    const ended = { kind: "ended" } as const;
    if (stage.kind !== "transaction") return { reply: farewell(positive("Bye")), stage: ended };
    const { maildrop, deleted } = stage;
    const removed = deleted.size === 0 || (await maildrop.commit([...deleted].sort((a, b) => a - b)));
    const reply = removed
      ? positive(`Bye, ${deleted.size} messages removed`)
      : negative("The marked messages were not removed", "SYS/TEMP");
    return { reply: farewell(reply), stage: ended };
  },
};
