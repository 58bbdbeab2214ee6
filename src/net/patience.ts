/** One wait after the other, each with an end. The timer is made once and moved: a session waits for every command. */
export class Patience {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #delay_ms = 0;
  #waiting = false;
  #over = false;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** The wait under way has lasted for too long. */
  get over(): boolean {
    return this.#over;
  }

  begin(delay_ms: number): void {
    this.#waiting = true;
    if (this.#timer !== undefined && delay_ms === this.#delay_ms) return void this.#timer.refresh();
    clearTimeout(this.#timer);
    this.#delay_ms = delay_ms;
    this.#timer = setTimeout(() => this.#expire(), delay_ms);
  }

  end(): void {
    this.#waiting = false;
    this.#over = false;
  }

  /** No wait follows. */
  stop(): void {
    this.end();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    if (!this.#waiting) return;
    this.#over = true;
    this.#expired();
  }
}
