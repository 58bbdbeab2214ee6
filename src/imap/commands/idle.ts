import { LOGGED_IN, plain } from "../command.ts";
import { bad, done, type Completion } from "../completion.ts";
import type { ImapSession } from "../session.ts";
import type { LineRead } from "../../net/connection.ts";

const DONE_OCTETS = 16;

/**
 * IDLE: the client waits, we tell. RFC 2177, RFC 9051 §6.3.13. Changes wake the session at once; now and then it says
 * that it is still here, for the middleboxes between (E-04).
 */
export const idle = plain(LOGGED_IN, async (session) => {
  session.write("+ Waiting\r\n");
  const wake = new Wake();
  // What happened since the last command is asked for once, after the watch began: nothing falls between.
  wake.now();
  const stop = session.selected?.box.watch(() => wake.now());
  session.resting = true;
  try {
    return ended(session, await wait(session, wake));
  } finally {
    session.resting = false;
    stop?.();
  }
});

/** Until a line comes. */
async function wait(session: ImapSession, wake: Wake): Promise<LineRead> {
  const { limits } = session.options;
  let line: LineRead | undefined;
  const reading = session.connection.readLine(DONE_OCTETS, limits.idle_ms).then((read) => {
    line = read;
    wake.now();
  });
  try {
    while (line === undefined) {
      const woken = await wake.wait(limits.stillHere_ms);
      if (line !== undefined) break;
      if (woken) await session.sync(false);
      else session.untagged("OK Still here");
      await session.connection.flush();
    }
  } catch (error) {
    // Nobody may read while that read waits: the session cannot go on.
    session.untagged("BYE Internal error");
    session.connection.close();
    await reading;
    throw error;
  }
  await reading;
  return line;
}

function ended(session: ImapSession, line: LineRead): Completion {
  if (line.kind === "line" && line.octets.toString("latin1").toUpperCase() === "DONE") return done("Done");
  if (line.kind === "timeout") session.untagged("BYE Idle for too long");
  if (line.kind === "timeout" || line.kind === "closed") session.logOut();
  return bad("DONE was expected");
}

/** A bell that may ring before anybody listens. */
class Wake {
  #rung = false;
  #ring: (() => void) | undefined;

  now(): void {
    this.#rung = true;
    this.#ring?.();
  }

  /** True when it rang, false when the time was over. */
  async wait(duration_ms: number): Promise<boolean> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, duration_ms);
        this.#ring = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const rung = this.#rung;
    this.#rung = false;
    this.#ring = undefined;
    return rung;
  }
}
