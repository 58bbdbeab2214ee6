/** So many share a commit well, and the next gather while it is on its way. */
const ENOUGH = 8;
/** Nobody waits longer for company. */
const GATHER_MS = 10;
/** So many turns in a row the loop had nothing to do: who is still to come waits for us. To ask it costs more than a turn. */
const QUIET_TURNS = 2;

/** Calls `go` once, in a later turn of the loop: when `count` are enough, or nobody else can be on his way. */
export function whenGathered(count: () => number, go: () => void): void {
  const end_ms = performance.now() + GATHER_MS;
  let events: number | undefined;
  let turns = 0;
  const look = (): void => {
    if (count() >= ENOUGH) return go();
    if (turns++ % QUIET_TURNS === 0) {
      const seen = performance.nodeTiming.uvMetricsInfo.events;
      if (seen === events || performance.now() >= end_ms) return go();
      events = seen;
    }
    setImmediate(look);
  };
  setImmediate(look);
}
