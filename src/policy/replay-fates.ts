import { asciiLower } from "../base/ascii.ts";
import { decodeRecord } from "../journal/decode.ts";
import type { ReaderEvent } from "../journal/record.ts";
import type { Recorded } from "./replay.ts";

/** What readers did with delivered messages, by queue id. */
export type Fates = ReadonlyMap<string, readonly Fate[]>;
type Fate = { readonly login: string; readonly event: ReaderEvent };

/** From the bodies of the journal's records of fates. Total: what is none is passed over. */
export function collectFate(fates: Map<string, Fate[]>, body: string): void {
  const record = decodeRecord({ body });
  if (record?.kind !== "fate") return;
  const { id, login, event } = record;
  // What the server removed says nothing about what its reader thinks of it.
  if (event === "expired") return;
  const known = fates.get(id);
  if (known === undefined) fates.set(id, [{ login, event }]);
  else known.push({ login, event });
}

/** How many messages met which fate. */
export type FateCounts = Readonly<Partial<Record<ReaderEvent, number>>>;

/**
 * What the recipient of a recorded command did with what came of it, by message. Whose address is his login speaks for
 * himself; behind an alias stands whoever was not written to by himself.
 */
export function fatesOf(recorded: Recorded, fates: Fates): ReadonlyMap<string, ReadonlySet<ReaderEvent>> {
  const { messages, judgement, recipients } = recorded;
  const own = asciiLower(judgement.recipient ?? "");
  const found = new Map<string, ReadonlySet<ReaderEvent>>();
  for (const id of messages) {
    const all = fates.get(id) ?? [];
    const himself = all.filter(({ login }) => login === own);
    const others = own === "" ? all : all.filter(({ login }) => !recipients.has(login));
    const events = (himself.length > 0 ? himself : others).map(({ event }) => event);
    if (events.length > 0) found.set(id, new Set(events));
  }
  return found;
}

/** Counts each message once per event, in whatever order and by however many commands it is met. */
export class FateCount {
  readonly #seen = new Set<string>();
  readonly #counts = new Map<ReaderEvent, number>();

  add(found: ReadonlyMap<string, ReadonlySet<ReaderEvent>>): void {
    for (const [id, events] of found)
      for (const event of events) {
        const key = `${event} ${id}`;
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
      }
  }

  get counts(): FateCounts {
    return Object.fromEntries(this.#counts);
  }
}
