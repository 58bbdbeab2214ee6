import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, readFile, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Soon } from "../base/soon.ts";
import type { MessageSource } from "../store/store.ts";

/** Up to here a message waits in memory; 4 of 5 messages are smaller. */
const MEMORY_OCTETS_MAX = 256 * 1024;

/** Pieces are collected in blocks of this size: half of all messages fit into one with what stands in front of them. */
const BLOCK_OCTETS = 8192;

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

  /** `head`: what we put in front. It is short, and does not count. */
  start(head: Uint8Array): SpooledMessage {
    return new SpooledMessage(this, head);
  }

  /** False where memory is used up. */
  take(octets: number): boolean {
    if (octets > this.#memoryLeft_octets) return false;
    this.#memoryLeft_octets -= octets;
    return true;
  }

  giveBack(octets: number): void {
    this.#memoryLeft_octets += octets;
  }

  newPath(): string {
    return join(this.#directory, randomUUID());
  }
}

type Whole = { readonly octets: Buffer; readonly source: MessageSource };

/** One message on its way in. `discard` is always called last, whatever became of it. */
export class SpooledMessage {
  readonly #spool: Spool;
  #path = "";
  /** Blocks that are full; the one with room left follows them. */
  #full: Buffer[] = [];
  #block: Buffer;
  #blockUsed = 0;
  #inMemory_octets = 0;
  #file: FileHandle | undefined;
  #discarded = false;

  constructor(spool: Spool, head: Uint8Array) {
    this.#spool = spool;
    this.#block = newBlock(head.length);
    this.#keep(head);
  }

  /** A promise asks the caller to wait for the disk; nothing may be written before it resolves. */
  write(octets: Uint8Array): void | Promise<void> {
    const fits = this.#path === "" && this.#inMemory_octets + octets.length <= MEMORY_OCTETS_MAX;
    if (!fits || !this.#spool.take(octets.length)) return this.#spill(octets);
    this.#inMemory_octets += octets.length;
    this.#keep(octets);
  }

  /** The reader may use its buffer again, so what waits must be ours; a client that sends single octets gets no object each. */
  #keep(octets: Uint8Array): void {
    if (this.#blockUsed + octets.length > this.#block.length) {
      this.#full.push(this.#used);
      this.#block = newBlock(octets.length);
      this.#blockUsed = 0;
    }
    this.#block.set(octets, this.#blockUsed);
    this.#blockUsed += octets.length;
  }

  get #used(): Buffer {
    return this.#block.subarray(0, this.#blockUsed);
  }

  /** The whole message, in memory for analysis; for a spooled one also the file the store takes over. */
  whole(): Soon<Whole> {
    if (this.#file !== undefined) return this.#read(this.#file);
    const octets = this.#full.length === 0 ? this.#used : Buffer.concat([...this.#full, this.#used]);
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
    this.#spool.giveBack(this.#inMemory_octets);
    this.#forget();
    if (this.#path !== "") return this.#removeFile();
  }

  async #removeFile(): Promise<void> {
    await this.#file?.close().catch(() => {});
    await rm(this.#path, { force: true });
  }

  async #spill(octets: Uint8Array): Promise<void> {
    if (this.#file === undefined) {
      this.#path = this.#spool.newPath();
      this.#file = await open(this.#path, "wx", 0o600);
    }
    for (const block of [...this.#full, this.#used]) if (block.length > 0) await this.#file.writeFile(block);
    this.#forget();
    await this.#file.writeFile(octets);
  }

  #forget(): void {
    this.#full = [];
    this.#block = NO_BLOCK;
    this.#blockUsed = 0;
  }
}

/** Its own memory: who sends slowly shall not keep other messages' memory. */
const newBlock = (octets: number): Buffer => Buffer.allocUnsafeSlow(Math.max(BLOCK_OCTETS, octets));

const NO_BLOCK = Buffer.alloc(0);
