/** The global is looked up at each use, and the module that has it costs a start 2 ms. */
const { performance } = globalThis;

/**
 * One wait after the other, each with an end. A session waits for every command, so the timer is not moved with each wait:
 * where it fires before the wait under way ends, it is set again for the rest.
 */
export class Patience {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #due_ms = 0;
  /** When the wait under way ends. */
  #until_ms = 0;
  #waiting = false;
  #over = false;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** The wait under way has lasted for too long. */
  get over(): boolean {
    return this.#over;
  }

  /** `now_ms`: of `performance`. */
  begin(delay_ms: number, now_ms: number = performance.now()): void {
    this.#waiting = true;
    this.#until_ms = now_ms + delay_ms;
    if (this.#timer === undefined || this.#due_ms > this.#until_ms) this.#set(delay_ms);
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

  #set(delay_ms: number): void {
    clearTimeout(this.#timer);
    this.#due_ms = this.#until_ms;
    this.#timer = setTimeout(() => this.#fire(), delay_ms);
  }

  #fire(): void {
    this.#timer = undefined;
    if (!this.#waiting) return;
    const rest_ms = this.#until_ms - performance.now();
    // The platform's timers may be up to a millisecond early.
    if (rest_ms >= 1) return this.#set(rest_ms);
    this.#over = true;
    this.#expired();
  }
}
