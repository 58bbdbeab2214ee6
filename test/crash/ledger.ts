/** What the server acknowledged, and what a mailbox shows: compared after every crash. */
export type Expectation = "present" | "absent" | "maybe";

export type Seen = {
  readonly id: string;
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uid: number;
};

export type Verdict = { lost: string[]; duplicated: string[]; undead: string[]; uidsReused: string[] };

export class Ledger {
  /** Message id to what must hold for it. */
  readonly #messages = new Map<string, Expectation>();
  /** `mailbox/uidvalidity/uid` to message id: a uid once seen never means another message. */
  readonly #uids = new Map<string, string>();
  acknowledged = 0;

  expect(id: string, expectation: Expectation): void {
    if (expectation === "present" && this.#messages.get(id) !== "present") this.acknowledged++;
    this.#messages.set(id, expectation);
  }

  /** The acknowledgement never came: both outcomes are right. */
  doubt(id: string): void {
    this.#messages.set(id, "maybe");
  }

  /** Everything was removed in peace: start anew, but remember the uids. */
  forgetMessages(): void {
    this.#messages.clear();
  }

  ids(): string[] {
    return [...this.#messages].filter(([, expectation]) => expectation === "present").map(([id]) => id);
  }

  compare(seen: readonly Seen[]): Verdict {
    const counts = new Map<string, number>();
    const uidsReused: string[] = [];
    for (const { id, mailbox, uidValidity, uid } of seen) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      const key = `${mailbox}/${uidValidity}/${uid}`;
      const known = this.#uids.get(key);
      if (known !== undefined && known !== id) uidsReused.push(key);
      this.#uids.set(key, id);
    }
    const where = (want: (expectation: Expectation, count: number) => boolean): string[] =>
      [...this.#messages]
        .filter(([id, expectation]) => want(expectation, counts.get(id) ?? 0))
        .map(([id]) => id);
    const verdict = {
      lost: where((expectation, count) => expectation === "present" && count === 0),
      duplicated: where((_, count) => count > 1),
      undead: where((expectation, count) => expectation === "absent" && count > 0),
      uidsReused,
    };
    // What was in doubt has now been seen to be one or the other, and must stay so.
    for (const [id, expectation] of this.#messages) {
      if (expectation === "maybe") this.#messages.set(id, (counts.get(id) ?? 0) > 0 ? "present" : "absent");
    }
    return verdict;
  }
}
