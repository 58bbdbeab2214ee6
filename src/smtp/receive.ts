import type { Clock } from "../base/clock.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { ChunkRead, Connection } from "../net/connection.ts";
import type { ChunkStep } from "./session.ts";
import type { DataReader } from "./data-reader.ts";
import type { Intake } from "./intake.ts";
import type { SmtpLimits } from "./limits.ts";
import { Pace } from "./pace.ts";

/** How the octets of a message ended; `excess`: so many beyond the limit that we do not read on. */
export type Received = "complete" | "closed" | "timeout" | "excess";

export type Source = { readonly connection: Connection; readonly limits: SmtpLimits; readonly clock: Clock };

/** Hears of octets that had not all come when they were asked for: how they ended, or what went wrong. */
export type Hearer = { ended(end: Received): void; failed(error: unknown): void };

/** Takes some octets; undefined where more must follow. */
type Take = (octets: Buffer) => Soon<Received | undefined>;

/**
 * Reads a DATA body to its true end and passes it on; what comes behind it goes back to the connection. Undefined: the end
 * is still to come, and `hearer` is told.
 */
export function receiveData(
  source: Source,
  intake: Intake,
  reader: DataReader,
  hearer: Hearer,
): Received | undefined {
  const { connection, limits } = source;
  const take: Take = (octets) => {
    const { body, used, done } = reader.push(octets);
    if (reader.fault !== undefined) intake.fail(reader.fault);
    return whenHere(written(intake, body), () => {
      if (!done) return intake.excess_octets > limits.excess_octets ? "excess" : undefined;
      if (used < octets.length) connection.unread(octets.subarray(used));
      return "complete";
    });
  };
  return new Receiving(source, take, hearer).next();
}

/** Reads exactly the octets a BDAT announced, wanted or not; ends as `receiveData` does. */
export function receiveChunk(source: Source, chunk: ChunkStep, hearer: Hearer): Received | undefined {
  if (chunk.size_octets === 0) return "complete";
  const { connection, limits } = source;
  let missing = chunk.size_octets;
  const take: Take = (octets) => {
    const wanted = octets.subarray(0, missing);
    if (wanted.length < octets.length) connection.unread(octets.subarray(missing));
    missing -= wanted.length;
    const end = missing === 0 ? "complete" : undefined;
    if (chunk.do === "swallow") return end;
    const { intake, reader } = chunk;
    reader.push(wanted);
    if (reader.fault !== undefined) intake.fail(reader.fault);
    return whenHere(written(intake, [wanted]), () =>
      intake.excess_octets > limits.excess_octets ? "excess" : end,
    );
  };
  return new Receiving(source, take, hearer).next();
}

/** A promise asks to wait, as the sink does. */
function written(intake: Intake, parts: readonly Buffer[]): Soon<void> {
  for (let i = 0; i < parts.length; i++) {
    const wait = intake.write(parts[i] as Buffer);
    if (wait) return writtenSlowly(intake, parts, i + 1, wait);
  }
}

async function writtenSlowly(
  intake: Intake,
  parts: readonly Buffer[],
  from: number,
  wait: Promise<void>,
): Promise<void> {
  await wait;
  for (let i = from; i < parts.length; i++) await intake.write(parts[i] as Buffer);
}

/** Reads on until `take` has its end. A message of a chunk or two, which the sink keeps at once, costs no promise. */
class Receiving {
  readonly #source: Source;
  readonly #take: Take;
  readonly #hearer: Hearer;
  readonly #pace: Pace;
  /** Undefined: nobody waits for what has come already. */
  #since_ms: number | undefined;

  constructor(source: Source, take: Take, hearer: Hearer) {
    this.#source = source;
    this.#take = take;
    this.#hearer = hearer;
    this.#pace = new Pace(source.limits.message_ms, source.limits.message_octetsPerSecond);
  }

  /** The end, if it is `taken`, or can be read now; undefined: the hearer is told later. */
  next(taken?: Soon<Received | undefined>): Received | undefined {
    const { connection, clock } = this.#source;
    let end = taken;
    while (end === undefined) {
      this.#since_ms = connection.buffered > 0 ? undefined : clock.now();
      const chunk = connection.nextOctets(this.#pace.deadline_ms, this.#came);
      if (chunk === undefined) return undefined;
      end = this.#taken(chunk);
    }
    if (!(end instanceof Promise)) return end;
    end.then(this.#goOn).catch((error: unknown) => this.#hearer.failed(error));
    return undefined;
  }

  readonly #came = (chunk: ChunkRead): void => {
    try {
      this.#goOn(this.#taken(chunk));
    } catch (error) {
      this.#hearer.failed(error);
    }
  };

  readonly #goOn = (taken: Soon<Received | undefined>): void => {
    const end = this.next(taken);
    if (end !== undefined) this.#hearer.ended(end);
  };

  #taken(chunk: ChunkRead): Soon<Received | undefined> {
    if (chunk.kind !== "octets") return chunk.kind;
    if (this.#since_ms !== undefined)
      this.#pace.received(chunk.octets.length, this.#source.clock.now() - this.#since_ms);
    return this.#take(chunk.octets);
  }
}
