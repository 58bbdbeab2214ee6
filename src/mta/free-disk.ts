import { statfs } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Soon } from "../base/soon.ts";
import { reply, type Reply } from "../smtp/reply.ts";

/** Free space changes slowly; asking the kernel for every message would be waste. */
const FRESH_MS = 2_000;

/** Puts new mail off while the disk is nearly full, so that existing mail stays safe (D-49). */
export class FreeDisk {
  readonly #directory: string;
  readonly #min_percent: number;
  readonly #clock: Clock;
  #asked_ms = Number.NEGATIVE_INFINITY;
  #enough = true;

  constructor(directory: string, min_percent: number, clock: Clock) {
    this.#directory = directory;
    this.#min_percent = min_percent;
    this.#clock = clock;
  }

  refusal(): Soon<Reply | undefined> {
    const now_ms = this.#clock.now();
    if (now_ms - this.#asked_ms <= FRESH_MS) return this.#known;
    this.#asked_ms = now_ms;
    return this.#ask();
  }

  get #known(): Reply | undefined {
    return this.#enough ? undefined : diskFull;
  }

  async #ask(): Promise<Reply | undefined> {
    this.#enough = (await freePercent(this.#directory)) >= this.#min_percent;
    return this.#known;
  }
}

const diskFull = reply(452, "4.3.1", "Insufficient system storage, please try again later", "disk-full");

/** What a file system without blocks has is not counted: all of it is free. */
export async function freePercent(directory: string): Promise<number> {
  const { bavail, blocks } = await statfs(directory);
  return blocks === 0 ? 100 : (bavail * 100) / blocks;
}
