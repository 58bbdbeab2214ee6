/** Two hashes at once leave file access and the other core alone: the thread pool is shared (D-31). */
const RUNNING_MAX = 2;
/** Beyond this a login fails at once: nobody waits half a minute for a refusal. */
const WAITING_MAX = 200;
/** Of these from one client, so that a flood from one address leaves the queue to others. */
const WAITING_PER_CLIENT_MAX = 8;

type Waiting = { readonly client: string; start(): void };

/** A queue before the password hash. Clients take turns, so that the tenth attempt of one waits behind the first of another. */
export class HashGate {
  #running = 0;
  readonly #waiting: Waiting[] = [];

  /** Runs `work` when its turn comes; undefined when too much is waiting already. */
  async run<T>(client: string, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#turn(client))) return undefined;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  async #turn(client: string): Promise<boolean> {
    if (this.#running < RUNNING_MAX) {
      this.#running++;
      return true;
    }
    const own = this.#waiting.filter((other) => other.client === client).length;
    if (this.#waiting.length >= WAITING_MAX || own >= WAITING_PER_CLIENT_MAX) return false;
    await new Promise<void>((start) => this.#waiting.push({ client, start }));
    return true;
  }

  #next(): void {
    if (this.#running >= RUNNING_MAX || this.#waiting.length === 0) return;
    this.#running++;
    this.#waiting.splice(this.#fairest(), 1)[0]?.start();
  }

  /** The first waiting attempt of the client with the fewest attempts waiting. */
  #fairest(): number {
    const counts = new Map<string, number>();
    for (const { client } of this.#waiting) counts.set(client, (counts.get(client) ?? 0) + 1);
    const fewest = Math.min(...counts.values());
    return this.#waiting.findIndex(({ client }) => counts.get(client) === fewest);
  }
}
