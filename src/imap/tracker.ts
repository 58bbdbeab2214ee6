import type { ModSeq, Uid } from "../base/mail-ids.ts";
import type { SequenceSet } from "./sequence-set.ts";

/**
 * A session's view of its mailbox: which sequence number is which uid. Others change the mailbox at any time; the view
 * changes only when the session tells its client, so numbers mean the same to both. RFC 9051 §5.5, RFC 2180
 */
export class View {
  #uids: Uint32Array;
  #count: number;
  /** Changes up to here have been taken in. */
  modSeq: ModSeq;

  constructor(uids: Uint32Array, modSeq: ModSeq) {
    this.#uids = uids;
    this.#count = uids.length;
    this.modSeq = modSeq;
  }

  get count(): number {
    return this.#count;
  }

  /** All uids of the view, ascending; valid until the view changes. */
  get uids(): Uint32Array {
    return this.#uids.subarray(0, this.#count);
  }

  /** Sequence number of a uid, 0 when the view does not hold it. */
  numberOf(uid: number): number {
    const at = this.#lowerBound(uid);
    return at < this.#count && this.#uids[at] === uid ? at + 1 : 0;
  }

  has(uid: number): boolean {
    return this.numberOf(uid) > 0;
  }

  /** New messages at the end; those already known or out of order are ignored. */
  append(uids: readonly Uid[]): number {
    const last = this.#count === 0 ? 0 : (this.#uids[this.#count - 1] ?? 0);
    const added = uids.filter((uid) => uid > last);
    this.#grow(added.length);
    for (const uid of added) this.#uids[this.#count++] = uid;
    return added.length;
  }

  /** Removes messages and returns the numbers for EXPUNGE in the order to send them: each counts as if the earlier ones were gone. */
  remove(uids: readonly Uid[]): number[] {
    const positions = uids
      .map((uid) => this.numberOf(uid))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
    if (positions.length === 0) return [];
    let to = (positions[0] as number) - 1;
    let next = 0;
    for (let from = to; from < this.#count; from++) {
      if (next < positions.length && from === (positions[next] as number) - 1) next++;
      else this.#uids[to++] = this.#uids[from] as number;
    }
    this.#count = to;
    return positions.map((position, i) => position - i);
  }

  /** Uids of a set; numbers when `byUid` is false. Undefined where a number is beyond the view. `saved` is the saved result. */
  resolve(set: SequenceSet, byUid: boolean, saved: Uint32Array): Uint32Array | undefined {
    if (set.kind === "saved") return saved.filter((uid) => this.has(uid));
    const slices: [number, number][] = [];
    for (const [a, b] of set.ranges) {
      const slice = byUid ? this.#uidSlice(a, b) : this.#numberSlice(a, b);
      if (slice === undefined) return undefined;
      if (slice[0] < slice[1]) slices.push(slice);
    }
    return this.#collect(slices);
  }

  /** `*` is the last message; with no message it matches none, which clients that ask 1:* of an empty mailbox expect. */
  #numberSlice(a: number, b: number): [number, number] | undefined {
    const [low, high] = [
      Math.min(a, b, this.#count),
      Math.max(...[a, b].map((n) => (Number.isFinite(n) ? n : this.#count))),
    ];
    if (this.#count === 0) return Number.isFinite(a) && Number.isFinite(b) ? undefined : [0, 0];
    return high > this.#count ? undefined : [Math.max(low, 1) - 1, high];
  }

  /** RFC 9051 §9: `*` is the largest uid, and so `n:*` holds it even where n is larger. */
  #uidSlice(a: number, b: number): [number, number] {
    if (this.#count === 0) return [0, 0];
    const last = this.#uids[this.#count - 1] as number;
    const [x, y] = [a, b].map((uid) => (Number.isFinite(uid) ? uid : last)) as [number, number];
    return [this.#lowerBound(Math.min(x, y)), this.#lowerBound(Math.max(x, y) + 1)];
  }

  #collect(slices: [number, number][]): Uint32Array {
    if (slices.length === 1) return this.#uids.slice(slices[0]?.[0], slices[0]?.[1]);
    slices.sort((a, b) => a[0] - b[0]);
    const uids: number[] = [];
    let done = 0;
    for (const [from, to] of slices) {
      for (let i = Math.max(from, done); i < to; i++) uids.push(this.#uids[i] as number);
      done = Math.max(done, to);
    }
    return Uint32Array.from(uids);
  }

  #grow(more: number): void {
    if (this.#count + more <= this.#uids.length) return;
    const larger = new Uint32Array(Math.max(64, (this.#count + more) * 2));
    larger.set(this.uids);
    this.#uids = larger;
  }

  #lowerBound(uid: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uids[middle] as number) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
