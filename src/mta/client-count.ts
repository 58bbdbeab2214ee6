import { networkOf, type IpAddress } from "../base/ip.ts";

/** Open connections per client: one IPv4 address or one IPv6 /64 is one client (D-13, D-14). */
export class ClientCount {
  readonly #max: number;
  readonly #open = new Map<string, number>();
  readonly #sessions = new Map<string, string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** False: the client has as many as it may; the session is not counted. */
  enter(session: string, address: IpAddress): boolean {
    const client = networkOf(address, 32, 64);
    const open = this.#open.get(client) ?? 0;
    if (open >= this.#max) return false;
    this.#open.set(client, open + 1);
    this.#sessions.set(session, client);
    return true;
  }

  leave(session: string): void {
    const client = this.#sessions.get(session);
    if (client === undefined) return;
    this.#sessions.delete(session);
    const open = (this.#open.get(client) ?? 1) - 1;
    if (open > 0) this.#open.set(client, open);
    else this.#open.delete(client);
  }
}
