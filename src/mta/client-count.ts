import { networkOf, type IpAddress } from "../base/ip.ts";
import { RATE_LIMITS } from "./rate-limits.ts";

/** By which what was entered leaves. */
type Token = string | number;
type Networks = { readonly client: string; readonly network: string };

/** A client that comes again is the same object (`parseIp`), and its networks need not be written again. */
const networks = new WeakMap<IpAddress, Networks>();

function networksOf(address: IpAddress): Networks {
  const known = networks.get(address);
  if (known !== undefined) return known;
  const found = { client: networkOf(address, 32, 64), network: networkOf(address, 24, 56) };
  networks.set(address, found);
  return found;
}

/**
 * What is open per client (one IPv4 address or one IPv6 /64) and per network around it (/24, /56), so that nobody gets
 * more by having more addresses (D-13, D-14).
 */
export class ClientCount {
  readonly #max: number;
  readonly #networkMax: number;
  readonly #open = new Map<string, number>();
  readonly #sessions = new Map<Token, Networks>();

  constructor(max: number, networkMax = max * RATE_LIMITS.networkFactor) {
    this.#max = max;
    this.#networkMax = networkMax;
  }

  /** False: the client or its network has as many as it may; the session is not counted. */
  enter(session: Token, address: IpAddress): boolean {
    const counted = networksOf(address);
    if (this.#count(counted.client) >= this.#max) return false;
    if (this.#count(counted.network) >= this.#networkMax) return false;
    this.#change(counted.client, 1);
    this.#change(counted.network, 1);
    this.#sessions.set(session, counted);
    return true;
  }

  leave(session: Token): void {
    const counted = this.#sessions.get(session);
    if (counted === undefined) return;
    this.#sessions.delete(session);
    this.#change(counted.client, -1);
    this.#change(counted.network, -1);
  }

  get size(): number {
    return this.#sessions.size;
  }

  #count(key: string): number {
    return this.#open.get(key) ?? 0;
  }

  #change(key: string, by: number): void {
    const open = this.#count(key) + by;
    if (open > 0) this.#open.set(key, open);
    else this.#open.delete(key);
  }
}
