import { err, ok, type Result } from "../../base/result.ts";
import type { Exchanged, Handshake, HandshakeFailure, HostTarget, Net, Offer, Visit } from "../probe.ts";
import type { Reply } from "../../smtp/reply.ts";

/** What an attack may cost, and what it has cost. */
export type Cost = { readonly connections: number; readonly octets: number; readonly duration_ms: number };

/** Counts connections and octets of everything that goes through its net; what is beyond the budget is not sent. */
export class Budget {
  readonly #limit: Cost;
  readonly #now: () => number;
  readonly #began_ms: number;
  #connections = 0;
  #octets = 0;

  constructor(limit: Cost, now: () => number) {
    this.#limit = limit;
    this.#now = now;
    this.#began_ms = now();
  }

  get spent(): Cost {
    const duration_ms = Math.round(this.#now() - this.#began_ms);
    return { connections: this.#connections, octets: this.#octets, duration_ms };
  }

  get isUsedUp(): boolean {
    const { connections, octets, duration_ms } = this.spent;
    const { connections: most, octets: mostOctets, duration_ms: longest_ms } = this.#limit;
    return connections >= most || octets >= mostOctets || duration_ms >= longest_ms;
  }

  /** The same world, on account. */
  over(net: Net): Net {
    return {
      ...net,
      connect: (host) => this.#connect(net, host),
    };
  }

  async #connect(
    net: Net,
    host: Pick<HostTarget, "address" | "port" | "from">,
  ): Promise<Result<Visit, string>> {
    if (this.isUsedUp) return err("the budget is used up");
    this.#connections++;
    const connected = await net.connect(host);
    return connected.ok ? ok(new CountedVisit(connected.value, (octets) => this.#count(octets))) : connected;
  }

  #count(octets: number): void {
    this.#octets += octets;
  }
}

class CountedVisit implements Visit {
  readonly #inner: Visit;
  readonly #count: (octets: number) => void;

  constructor(inner: Visit, count: (octets: number) => void) {
    this.#inner = inner;
    this.#count = count;
  }

  get localAddress(): string {
    return this.#inner.localAddress;
  }

  get sessions(): readonly Buffer[] {
    return this.#inner.sessions;
  }

  reply(): Promise<Result<Reply, string>> {
    return this.#inner.reply();
  }

  say(line: string): Promise<Result<Reply, string>> {
    this.#count(line.length + 2);
    return this.#inner.say(line);
  }

  line(): Promise<Result<string, string>> {
    return this.#inner.line();
  }

  write(line: string): void {
    this.#count(line.length + 2);
    this.#inner.write(line);
  }

  exchange(octets: Uint8Array, enough: (input: Buffer) => boolean, deadline_ms?: number): Promise<Exchanged> {
    this.#count(octets.length);
    return this.#inner.exchange(octets, enough, deadline_ms);
  }

  handshake(name: string, offer: Offer, authorities?: string): Promise<Result<Handshake, HandshakeFailure>> {
    return this.#inner.handshake(name, offer, authorities);
  }

  renegotiate(): Promise<boolean> {
    return this.#inner.renegotiate();
  }

  [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
  }
}
