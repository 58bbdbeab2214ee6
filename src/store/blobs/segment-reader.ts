import { close, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { segmentPath, type Place } from "./segment-files.ts";

/** Open segments kept; 64 of 32 MB are 2 GB of recent mail. */
const OPEN_MAX = 64;
/** Up to here a read costs no more than SQLite's own page reads and is done at once; more goes to the thread pool. */
const READ_AT_ONCE_OCTETS = 32 * 1024;

const readAsync = promisify(read);

type OpenSegment = { readonly fd: number; users: number; doomed: boolean };

/** Reads ranges of segments; keeps the files open, least recently used first to go. */
export class SegmentReader implements Disposable {
  readonly #directory: string;
  readonly #open = new Map<number, OpenSegment>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `undefined` when the segment has gone: what lived in it has moved, look its place up again. */
  async read(place: Place): Promise<Buffer | undefined> {
    const file = this.#acquire(place.segment);
    if (file === undefined) return undefined;
    try {
      const octets = Buffer.allocUnsafeSlow(place.length);
      await fill(file.fd, octets, place);
      return octets;
    } finally {
      this.#release(file);
    }
  }

  /** Lets files of removed segments go, so that their space comes back. */
  forget(segments: readonly number[]): void {
    for (const segment of segments) this.#evict(segment);
  }

  [Symbol.dispose](): void {
    this.forget([...this.#open.keys()]);
  }

  #acquire(segment: number): OpenSegment | undefined {
    let file = this.#open.get(segment);
    if (file === undefined) {
      const fd = openIfThere(segmentPath(this.#directory, segment));
      if (fd === undefined) return undefined;
      file = { fd, users: 0, doomed: false };
    }
    this.#open.delete(segment);
    this.#open.set(segment, file);
    if (this.#open.size > OPEN_MAX) this.#evict(this.#open.keys().next().value ?? segment);
    file.users++;
    return file;
  }

  #release(file: OpenSegment): void {
    file.users--;
    if (file.doomed && file.users === 0) closeQuietly(file.fd);
  }

  #evict(segment: number): void {
    const file = this.#open.get(segment);
    if (file === undefined) return;
    this.#open.delete(segment);
    file.doomed = true;
    if (file.users === 0) closeQuietly(file.fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function fill(fd: number, octets: Buffer, { segment, start }: Place): Promise<void> {
  for (let done = 0; done < octets.length;) {
    const left = octets.length - done;
    const got =
      octets.length <= READ_AT_ONCE_OCTETS
        ? readSync(fd, octets, done, left, start + done)
        : (await readAsync(fd, octets, done, left, start + done)).bytesRead;
    if (got === 0) throw new Error(`segment ${segment} ends at ${start + done}, before its rows say`);
    done += got;
  }
}

/** A descriptor opened for reading has nothing to lose when closing it fails. */
const closeQuietly = (fd: number): void => close(fd, () => {});
