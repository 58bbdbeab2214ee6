import type { Clock } from "../base/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { ChunkStep } from "./session.ts";
import type { DataReader } from "./data-reader.ts";
import type { Intake } from "./intake.ts";
import type { SmtpLimits } from "./limits.ts";
import { Pace } from "./pace.ts";

/** How the octets of a message ended; `excess`: so many beyond the limit that we do not read on. */
export type Received = "complete" | "closed" | "timeout" | "excess";

export type Source = { readonly connection: Connection; readonly limits: SmtpLimits; readonly clock: Clock };

/** Reads a DATA body to its true end and passes it on; what comes behind it goes back to the connection. */
export async function receiveData(source: Source, intake: Intake, reader: DataReader): Promise<Received> {
  const { connection, limits } = source;
  const pace = new Pace(limits.message_ms, limits.message_octetsPerSecond);
  for (;;) {
    const since_ms = waitBegins(source);
    const chunk = await connection.read(pace.deadline_ms);
    if (chunk.kind !== "octets") return chunk.kind;
    waitEnds(source, pace, chunk.octets.length, since_ms);
    const { body, used, done } = reader.push(chunk.octets);
    if (reader.fault !== undefined) intake.fail(reader.fault);
    for (const part of body) {
      const wait = intake.write(part);
      if (wait) await wait;
    }
    if (done) {
      if (used < chunk.octets.length) connection.unread(chunk.octets.subarray(used));
      return "complete";
    }
    if (intake.excess_octets > limits.excess_octets) return "excess";
  }
}

/** Reads exactly the octets a BDAT announced, wanted or not. */
export async function receiveChunk(source: Source, chunk: ChunkStep): Promise<Received> {
  const { connection, limits } = source;
  const pace = new Pace(limits.message_ms, limits.message_octetsPerSecond);
  let missing = chunk.size_octets;
  while (missing > 0) {
    const since_ms = waitBegins(source);
    const read = await connection.read(pace.deadline_ms);
    if (read.kind !== "octets") return read.kind;
    waitEnds(source, pace, read.octets.length, since_ms);
    const wanted = read.octets.subarray(0, missing);
    if (wanted.length < read.octets.length) connection.unread(read.octets.subarray(missing));
    missing -= wanted.length;
    if (chunk.do === "swallow") continue;
    chunk.reader.push(wanted);
    if (chunk.reader.fault !== undefined) chunk.intake.fail(chunk.reader.fault);
    const wait = chunk.intake.write(wanted);
    if (wait) await wait;
    if (chunk.intake.excess_octets > limits.excess_octets) return "excess";
  }
  return "complete";
}

/** Undefined: nobody waits for what has come already. */
const waitBegins = ({ connection, clock }: Source): number | undefined =>
  connection.buffered > 0 ? undefined : clock.now();

function waitEnds({ clock }: Source, pace: Pace, octets: number, since_ms: number | undefined): void {
  if (since_ms !== undefined) pace.received(octets, clock.now() - since_ms);
}
