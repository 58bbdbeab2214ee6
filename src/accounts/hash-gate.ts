/** Two hashes at once leave file access and the event loop alone: the thread pool has four threads (D-31). */
const RUNNING_MAX = 2;
/** Beyond this a login fails at once: 200 hashes of 60 ms, two at a time, are the six seconds a mail program bears. */
const WAITING_MAX = 200;
/** Of these from one network, so that a flood from one place leaves the queue to others. */
const WAITING_PER_CLIENT_MAX = 8;
/** Places kept for clients that logged in lately, when strangers have filled the queue. */
const WAITING_KNOWN_MAX = 50;

export type HashClient = {
  /** Network the attempt comes from: `192.0.2.1/32`, `2001:db8::/64`. */
  readonly network: string;
  /** It has logged in to this account lately. */
  readonly known: boolean;
};
type Waiting = { readonly client: HashClient; start(): void };

/**
 * A queue before the slow hash. Known clients go first; among the others networks take turns, so that the tenth attempt
 * of one waits behind the first of another.
 */
export class HashGate {
  #running = 0;
  readonly #waiting: Waiting[] = [];

  /** Runs `work` when its turn comes; undefined when too much is waiting already. */
  async run<T>(client: HashClient, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#turn(client))) return undefined;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  async #turn(client: HashClient): Promise<boolean> {
    if (this.#running < RUNNING_MAX) {
      this.#running++;
      return true;
    }
    if (this.#full(client)) return false;
    await new Promise<void>((start) => this.#waiting.push({ client, start }));
    return true;
  }

  #full({ network, known }: HashClient): boolean {
    const max = known ? WAITING_MAX + WAITING_KNOWN_MAX : WAITING_MAX;
    const own = this.#waiting.filter(({ client }) => client.network === network).length;
    return this.#waiting.length >= max || own >= WAITING_PER_CLIENT_MAX;
  }

  #next(): void {
    if (this.#running >= RUNNING_MAX || this.#waiting.length === 0) return;
    this.#running++;
    this.#waiting.splice(this.#fairest(), 1)[0]?.start();
  }

  /** The first known client, or the first attempt of the network with the fewest attempts waiting. */
  #fairest(): number {
    const known = this.#waiting.findIndex(({ client }) => client.known);
    if (known >= 0) return known;
    const counts = new Map<string, number>();
    for (const { client } of this.#waiting) {
      counts.set(client.network, (counts.get(client.network) ?? 0) + 1);
    }
    const fewest = Math.min(...counts.values());
    return this.#waiting.findIndex(({ client }) => counts.get(client.network) === fewest);
  }
}
