import { liveAsk, type World } from "./ask.ts";
import type { Judged, Policy } from "./contract.ts";
import { evaluate, type Command } from "./evaluate.ts";
import type { PolicyFacts } from "./facts.ts";
import type { PolicyLists } from "./policy-lists.ts";

/** The policy of a running server. `lists` is asked each time, so that new rules hold from the next command on. */
export function createPolicy(lists: () => PolicyLists, world: World): Policy {
  const judge =
    (command: Command) =>
    async (facts: PolicyFacts, signal?: AbortSignal): Promise<Judged> =>
      evaluate(lists(), command, facts, liveAsk(world, signal));
  return {
    judgeConnect: judge("connect"),
    judgeRecipient: judge("rcpt"),
    judgeData: judge("data"),
    judgeEndOfData: judge("message"),
  };
}
