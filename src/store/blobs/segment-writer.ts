import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { giveToOwner } from "../../base/owner.ts";
import { segmentPath, type Place } from "./segment-files.ts";

/** Beyond this, waiting octets are written out before the commit asks for them. */
const PENDING_OCTETS_MAX = 4 * 1024 * 1024;
/** A file that keeps its size is synced in half the time, as its journal has nothing to tell. So it grows by this. */
const GROWTH_OCTETS = 256 * 1024;

/**
 * Appends to one segment. The tail comes from the database at the start of every transaction, so what a failed or
 * killed transaction wrote behind it is simply overwritten: recovery has nothing to do. Used under the database's
 * write lock only.
 */
export class SegmentWriter implements Disposable {
  readonly directory: string;
  #segment = 0;
  #fd: number | undefined;
  /** Octets up to here are in the file. */
  #written = 0;
  /** Zeros, or what is left of a transaction that did not end, up to here. */
  #grown = 0;
  #pending: Uint8Array[] = [];
  #pending_octets = 0;
  #dirty = false;
  #nextNumber = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Points the writer at a segment, its committed end, and the number of the next blob. */
  begin(segment: number, tail: number, nextNumber: number): void {
    if (this.#fd === undefined || this.#segment !== segment) this.#open(segment, tail);
    this.#pending = [];
    this.#pending_octets = 0;
    this.#written = tail;
    this.#dirty = false;
    this.#nextNumber = nextNumber;
  }

  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** Numbers rise with the place; one whose write is undone is left out. */
  takeNumber(): number {
    return this.#nextNumber++;
  }

  get segment(): number {
    return this.#segment;
  }

  get tail(): number {
    return this.#written + this.#pending_octets;
  }

  append(octets: Uint8Array): Place {
    const place = { segment: this.#segment, start: this.tail, length: octets.length };
    this.#pending.push(octets);
    this.#pending_octets += octets.length;
    this.#dirty = true;
    if (this.#pending_octets > PENDING_OCTETS_MAX) this.#writeOut();
    return place;
  }

  /** Forgets what was appended after `tail`. */
  resetTo(tail: number): void {
    if (tail === this.tail) return;
    while (this.#pending_octets > 0 && this.tail > tail) {
      this.#pending_octets -= this.#pending.pop()?.length ?? 0;
    }
    if (this.tail !== tail) this.#written = tail - this.#pending_octets;
  }

  /** Returns after everything appended is on stable storage. */
  sync(): void {
    if (!this.#dirty) return;
    this.#writeOut();
    fdatasyncSync(this.#descriptor());
    this.#dirty = false;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /**
   * Cuts off what is behind the committed end of the segment that was written last. Under the write lock, with the end as the
   * database says it now: another process may have written there since we did.
   */
  cutOff(used_octets: number): void {
    if (this.#fd === undefined || this.#grown <= used_octets) return;
    try {
      ftruncateSync(this.#fd, used_octets);
      this.#grown = used_octets;
    } catch {
      // What is left there is not looked at.
    }
  }

  /** Where this fails, all octets go on waiting: some are of writes that have not failed. */
  #writeOut(): void {
    const octets = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending);
    if (octets === undefined) return;
    for (let done = 0; done < octets.length;) {
      done += writeSync(this.#descriptor(), octets, done, octets.length - done, this.#written + done);
    }
    if (this.tail > this.#grown) this.#grow();
    this.#written += octets.length;
    this.#pending = [];
    this.#pending_octets = 0;
  }

  /** After the octets themselves: a disk that has no room for this has it for them, and the last of it is given back. */
  #grow(): void {
    const { tail } = this;
    this.#grown = tail + GROWTH_OCTETS;
    try {
      if (
        writeSync(this.#descriptor(), Buffer.alloc(GROWTH_OCTETS), 0, GROWTH_OCTETS, tail) === GROWTH_OCTETS
      )
        return;
    } catch {
      // The next write says so where it fails too.
    }
    this.cutOff(tail);
  }

  #open(segment: number, tail: number): void {
    this[Symbol.dispose]();
    const path = segmentPath(this.directory, segment);
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#segment = segment;
    this.#written = fstatSync(this.#fd).size;
    this.#grown = this.#written;
    // Where there is a file already, whoever made it may have come no further than that.
    if (tail === 0) {
      giveToOwner(path);
      syncDirectory(this.directory);
    }
  }

  #descriptor(): number {
    if (this.#fd === undefined) throw new Error("no segment is open");
    return this.#fd;
  }
}

/** Makes names in a directory durable: a file's own sync does not cover its name. */
export const syncDirectory = (directory: string): void => syncFile(directory);

export function syncFile(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
