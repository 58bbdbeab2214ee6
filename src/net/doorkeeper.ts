import type { IpAddress } from "../base/ip.ts";

/** Who may come in: asked once per connection, before anything is spent on it. */
export interface Doorkeeper {
  admit(address: IpAddress): Admittance;
}

export type Admittance =
  /** `leave` is called once, when the connection is over. */
  | { readonly ok: true; leave(): void }
  /** `text` is for the client: one line of ASCII. */
  | { readonly ok: false; readonly text: string };

/** Bounds the TLS handshakes under way. */
export interface HandshakeBound {
  /** A function to call when the handshake is over; undefined: not now. */
  begin(address: IpAddress): (() => void) | undefined;
}
