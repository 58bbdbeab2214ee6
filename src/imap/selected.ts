import { asciiLower } from "../base/ascii.ts";
import type { ModSeq, Uid } from "../base/mail-ids.ts";
import type { FlagList, OpenMailbox } from "./backend.ts";
import { View } from "./tracker.ts";

const SYSTEM_FLAGS = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"] as const;

/** Keywords a session keeps count of; beyond that, clients are no longer told of new ones. */
const KEYWORDS_MAX = 1_000;

/** A mailbox as this session sees it. */
export class Selected {
  readonly box: OpenMailbox;
  readonly view: View;
  /** Modseqs this session has told its client of since the last delta, so that its own changes are not told twice. */
  readonly told = new Map<Uid, ModSeq>();
  readonly #keywords: Map<string, string>;

  constructor(box: OpenMailbox) {
    this.box = box;
    this.view = new View(box.uids, box.status.highestModSeq);
    this.#keywords = new Map(box.keywords.map((keyword) => [asciiLower(keyword), keyword]));
  }

  /** All flags in use here. RFC 9051 §7.3.5 */
  get flags(): FlagList {
    return [...SYSTEM_FLAGS, ...this.#keywords.values()];
  }

  /** Flags the client may set; `\*`: and new keywords. RFC 9051 §7.1 */
  get permanentFlags(): FlagList {
    return this.box.readOnly ? [] : [...this.flags, "\\*"];
  }

  /** True when there was a new one among them. */
  learnKeywords(flags: FlagList): boolean {
    let learned = false;
    for (const flag of flags) {
      if (flag.startsWith("\\") || this.#keywords.size >= KEYWORDS_MAX) continue;
      const key = asciiLower(flag);
      if (this.#keywords.has(key)) continue;
      this.#keywords.set(key, flag);
      learned = true;
    }
    return learned;
  }

  /** RFC 3501 §2.3.2: no session before this one was told of the message. */
  isRecent(uid: Uid): boolean {
    return uid >= this.box.firstRecent;
  }

  get recentCount(): number {
    const { uids } = this.view;
    let count = 0;
    while (count < uids.length && this.isRecent(uids[uids.length - 1 - count] as Uid)) count++;
    return count;
  }
}
