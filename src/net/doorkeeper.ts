import type { IpAddress } from "../base/ip.ts";

/** Who may come in: asked once per connection, before anything is spent on it. */
export interface Doorkeeper {
  admit(address: IpAddress, guest: Guest): Admittance;
}

/** A connection as the doorkeeper sees it once it is in. */
export interface Guest {
  /** How long we have been waiting for the client to say something; 0 while it waits for us. */
  idle_ms(): number;
  /** Tells the client why and closes. */
  dismiss(text: string): void;
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
