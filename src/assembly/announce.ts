import type { AlertChange } from "../alerts/book.ts";
import { alertChanged, alertNotTold } from "../alerts/events.ts";
import type { Teller, Telling } from "../alerts/tell.ts";
import type { Log } from "../base/log.ts";

type Announcing = Telling & { readonly log: Log; readonly wakeQueue: () => void };

/** What has changed goes into the log and to the operator, with what a way did not take before; mail of it leaves at once. */
export async function announce(
  teller: Teller,
  changes: readonly AlertChange[],
  announcing: Announcing,
): Promise<void> {
  const { log, wakeQueue } = announcing;
  if (changes.length === 0 && !teller.owes) return;
  for (const change of changes) alertChanged(log, change);
  const failures = await teller.tell(changes, announcing);
  for (const one of failures) if (!one.result.ok) alertNotTold(log, one, one.result.error);
  wakeQueue();
}
