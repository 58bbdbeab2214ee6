import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, readFile, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Soon } from "../base/soon.ts";
import type { MessageSource } from "../store/store.ts";

/** Up to here a message waits in memory; 4 of 5 messages are smaller. */
const MEMORY_OCTETS_MAX = 256 * 1024;

/** Small pieces are collected in blocks of this size. */
const BLOCK_OCTETS = 4096;

/**
 * Where messages wait while they come in: small ones in memory under one budget for the whole server, large ones and
 * those beyond the budget in temporary files (D-50).
 */
export class Spool {
  readonly #directory: string;
  #memoryLeft_octets: number;

  /** Empties `directory`: what an earlier process left there was never acknowledged. */
  constructor(directory: string, memory_octets: number) {
    this.#directory = directory;
    this.#memoryLeft_octets = memory_octets;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { force: true });
  }

  start(): SpooledMessage {
    return new SpooledMessage(() => join(this.#directory, randomUUID()), {
      take: (octets) => this.#take(octets),
      giveBack: (octets) => void (this.#memoryLeft_octets += octets),
    });
  }

  #take(octets: number): boolean {
    if (octets > this.#memoryLeft_octets) return false;
    this.#memoryLeft_octets -= octets;
    return true;
  }
}

type Whole = { readonly octets: Buffer; readonly source: MessageSource };
type Budget = { take(octets: number): boolean; giveBack(octets: number): void };

/** One message on its way in. `discard` is always called last, whatever became of it. */
export class SpooledMessage {
  readonly #newPath: () => string;
  #path = "";
  readonly #budget: Budget;
  #chunks: Uint8Array[] = [];
  /** The last chunk, while there is room behind it. */
  #block: Buffer | undefined;
  #blockUsed = 0;
  #inMemory_octets = 0;
  #size_octets = 0;
  #file: FileHandle | undefined;
  #discarded = false;

  constructor(newPath: () => string, budget: Budget) {
    this.#newPath = newPath;
    this.#budget = budget;
  }

  get size_octets(): number {
    return this.#size_octets;
  }

  /** A promise asks the caller to wait for the disk; nothing may be written before it resolves. */
  write(octets: Uint8Array): void | Promise<void> {
    this.#size_octets += octets.length;
    const fits = this.#file === undefined && this.#inMemory_octets + octets.length <= MEMORY_OCTETS_MAX;
    if (!fits || !this.#budget.take(octets.length)) return this.#spill(octets);
    this.#inMemory_octets += octets.length;
    this.#keep(octets);
  }

  /** The reader may use its buffer again, so what waits must be ours; a client that sends single octets gets no object each. */
  #keep(octets: Uint8Array): void {
    if (octets.length >= BLOCK_OCTETS) {
      this.#block = undefined;
      this.#chunks.push(Buffer.from(octets));
      return;
    }
    if (this.#block === undefined || this.#blockUsed + octets.length > BLOCK_OCTETS) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_OCTETS);
      this.#blockUsed = 0;
      this.#chunks.push(this.#block);
    }
    this.#block.set(octets, this.#blockUsed);
    this.#blockUsed += octets.length;
    this.#chunks[this.#chunks.length - 1] = this.#block.subarray(0, this.#blockUsed);
  }

  /** The whole message, in memory for analysis; for a spooled one also the file the store takes over. */
  whole(): Soon<Whole> {
    if (this.#file !== undefined) return this.#read(this.#file);
    const octets = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    return { octets, source: { kind: "octets", octets } };
  }

  async #read(file: FileHandle): Promise<Whole> {
    await file.close();
    this.#file = undefined;
    const octets = await readFile(this.#path);
    return { octets, source: { kind: "file", path: this.#path, size: octets.length } };
  }

  discard(): void | Promise<void> {
    if (this.#discarded) return;
    this.#discarded = true;
    this.#budget.giveBack(this.#inMemory_octets);
    this.#chunks = [];
    if (this.#size_octets !== this.#inMemory_octets) return this.#removeFile();
  }

  async #removeFile(): Promise<void> {
    await this.#file?.close().catch(() => {});
    if (this.#path !== "") await rm(this.#path, { force: true });
  }

  async #spill(octets: Uint8Array): Promise<void> {
    if (this.#file === undefined) {
      this.#path = this.#newPath();
      this.#file = await open(this.#path, "wx", 0o600);
    }
    for (const chunk of this.#chunks) await this.#file.writeFile(chunk);
    this.#chunks = [];
    await this.#file.writeFile(octets);
  }
}
