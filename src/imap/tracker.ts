import type { ModSeq, Uid } from "../base/mail-ids.ts";
import { STAR, type SequenceSet } from "./sequence-set.ts";

/**
 * A session's view of its mailbox: which sequence number is which uid. Others change the mailbox at any time; the view
 * changes only when the session tells its client, so numbers mean the same to both. RFC 9051 §5.5, RFC 2180
 */
export class View {
  #uids: Uint32Array;
  #count: number;
  /** Messages that are gone and still have their number, because the client could not be told yet. */
  #gone = new Set<Uid>();
  /** Where the view stood before the first of them went. */
  #heldSince: ModSeq | undefined;
  /** Changes up to here have been taken in. */
  modSeq: ModSeq;

  constructor(uids: Uint32Array, modSeq: ModSeq) {
    this.#uids = uids.slice();
    this.#count = uids.length;
    this.modSeq = modSeq;
  }

  get count(): number {
    return this.#count;
  }

  /** True while the client still counts messages that are gone. */
  get holdsGone(): boolean {
    return this.#gone.size > 0;
  }

  /** Of all changes up to here the client knows. */
  get completeModSeq(): ModSeq {
    return this.#heldSince ?? this.modSeq;
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

  /** New messages at the end; those already known are ignored. Returns how many were new. */
  append(uids: readonly Uid[]): number {
    const last = this.#uids[this.#count - 1] ?? 0;
    const added = this.#count === 0 ? uids : uids.filter((uid) => uid > last);
    this.#grow(added.length);
    for (const uid of added) this.#uids[this.#count++] = uid;
    return added.length;
  }

  /** Notes messages that are gone; their numbers stay until `release`. */
  hold(uids: readonly Uid[]): void {
    for (const uid of uids) if (this.has(uid)) this.#gone.add(uid);
    if (this.holdsGone) this.#heldSince ??= this.modSeq;
  }

  /** Removes what is gone. `numbers` are for EXPUNGE in this order: each counts as if the earlier ones were gone already. */
  release(): { readonly uids: readonly Uid[]; readonly numbers: readonly number[] } {
    if (this.#gone.size === 0) return { uids: [], numbers: [] };
    const uids = [...this.#gone].sort((a, b) => a - b);
    this.#gone = new Set();
    this.#heldSince = undefined;
    const positions = uids.map((uid) => this.numberOf(uid) - 1);
    let to = positions[0] as number;
    let next = 0;
    for (let from = to; from < this.#count; from++) {
      if (from === positions[next]) next++;
      else this.#uids[to++] = this.#uids[from] as number;
    }
    this.#count = to;
    return { uids, numbers: positions.map((position, i) => position + 1 - i) };
  }

  /** Uids of a set; numbers when `byUid` is false. Undefined where a number is beyond the view. `saved` is the saved result. */
  resolve(set: SequenceSet, byUid: boolean, saved: Uint32Array): Uint32Array | undefined {
    if (set.kind === "saved") return saved.filter((uid) => this.has(uid));
    const slices = this.#slices(set.ranges, byUid);
    return slices && this.#collect(slices);
  }

  /** The same as inclusive uid ranges. Between their ends there may be uids that the view does not hold. */
  resolveRanges(
    set: SequenceSet,
    byUid: boolean,
    saved: Uint32Array,
  ): readonly (readonly [from: number, to: number])[] | undefined {
    if (set.kind === "saved") return rangesOf(saved);
    return this.#slices(set.ranges, byUid)?.map(
      ([from, to]) => [this.#uids[from] as number, this.#uids[to - 1] as number] as const,
    );
  }

  /** Positions, ascending, not overlapping, none empty. */
  #slices(ranges: readonly (readonly [number, number])[], byUid: boolean): [number, number][] | undefined {
    const slices: [number, number][] = [];
    for (const [a, b] of ranges) {
      const slice = byUid ? this.#uidSlice(a, b) : this.#numberSlice(a, b);
      if (slice === undefined) return undefined;
      if (slice[0] < slice[1]) slices.push(slice);
    }
    return merged(slices);
  }

  /** `*` is the last message, and `n:*` holds it whatever n is; an empty mailbox has nothing for `1:*`, which clients ask. */
  #numberSlice(a: number, b: number): [number, number] | undefined {
    const [low, high] = a < b ? [a, b] : [b, a];
    if (high !== STAR) return high > this.#count ? undefined : [low - 1, high];
    return this.#count === 0 ? [0, 0] : [Math.min(low, this.#count) - 1, this.#count];
  }

  /** RFC 9051 §9: `*` is the largest uid, and so `n:*` holds it even where n is larger. */
  #uidSlice(a: number, b: number): [number, number] {
    const last = this.#uids[this.#count - 1] ?? 0;
    const [x, y] = [a, b].map((uid) => (uid === STAR ? last : uid)) as [number, number];
    return [this.#lowerBound(Math.min(x, y)), this.#lowerBound(Math.max(x, y) + 1)];
  }

  #collect(slices: readonly (readonly [number, number])[]): Uint32Array {
    const uids = new Uint32Array(slices.reduce((sum, [from, to]) => sum + to - from, 0));
    let at = 0;
    for (const [from, to] of slices) {
      uids.set(this.#uids.subarray(from, to), at);
      at += to - from;
    }
    return uids;
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

function merged(slices: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of slices.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

function rangesOf(uids: Uint32Array): [number, number][] {
  const ranges: [number, number][] = [];
  for (const uid of uids) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === uid) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges;
}
