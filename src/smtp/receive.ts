import type { Clock } from "../base/clock.ts";
import type { ChunkRead, Connection } from "../net/connection.ts";
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
    const chunk = await readAtPace(source, pace);
    if (chunk.kind !== "octets") return chunk.kind;
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
    const read = await readAtPace(source, pace);
    if (read.kind !== "octets") return read.kind;
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

async function readAtPace({ connection, clock }: Source, pace: Pace): Promise<ChunkRead> {
  if (connection.buffered > 0) return connection.read(pace.deadline_ms);
  const before = clock.now();
  const chunk = await connection.read(pace.deadline_ms);
  if (chunk.kind === "octets") pace.received(chunk.octets.length, clock.now() - before);
  return chunk;
}
