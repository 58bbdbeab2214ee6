/**
 * How long a slow sender is waited for: a credit of time that every octet adds to and waiting uses up. One
 * octet per ten seconds does not keep a message alive. D-19
 */
export class Pace {
  readonly #credit_ms_max: number;
  readonly #msPerOctet: number;
  #credit_ms: number;

  constructor(credit_ms: number, octetsPerSecond: number) {
    this.#credit_ms = credit_ms;
    this.#credit_ms_max = credit_ms;
    this.#msPerOctet = 1000 / octetsPerSecond;
  }

  /** The longest the next wait may be; 0 when the credit is used up. */
  get deadline_ms(): number {
    return Math.max(0, this.#credit_ms);
  }

  /** After a wait of `waited_ms` this many octets came. */
  received(octets: number, waited_ms: number): void {
    const credit = this.#credit_ms - waited_ms + octets * this.#msPerOctet;
    this.#credit_ms = Math.min(credit, this.#credit_ms_max);
  }
}
