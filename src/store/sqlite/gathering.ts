/** So many share a commit well, and the next gather while it is on its way. */
const ENOUGH = 8;
/** Nobody waits longer for company. */
const GATHER_MS = 10;
/** So often in a row the loop had nothing to do: who is still to come waits for us. */
const QUIET_TURNS = 2;

/** Calls `go` once, in a later turn of the loop: when `count` are enough, or nobody else can be on his way. */
export function whenGathered(count: () => number, go: () => void): void {
  const end_ms = performance.now() + GATHER_MS;
  let events: number | undefined;
  let quiet = 0;
  const look = (): void => {
    const seen = performance.nodeTiming.uvMetricsInfo.events;
    quiet = seen === events ? quiet + 1 : 0;
    events = seen;
    if (quiet >= QUIET_TURNS || count() >= ENOUGH || performance.now() >= end_ms) go();
    else setImmediate(look);
  };
  setImmediate(look);
}
