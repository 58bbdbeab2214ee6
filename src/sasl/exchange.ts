import type { Secret } from "../base/secret.ts";
import type { AccountId } from "../base/mail-ids.ts";

/** Mechanisms we speak, strongest first. RFC 4616, 5802, 7677; E-26 */
export type Mechanism = "SCRAM-SHA-256-PLUS" | "SCRAM-SHA-256" | "PLAIN" | "LOGIN";

/** Who logged in. */
export type Identity = {
  readonly account: AccountId;
  /** The account's canonical login name, e.g. `you@wachpost.test`. */
  readonly login: string;
  /** The credential used, so that its revocation can close sessions. */
  readonly credential: number;
};

/** Why a login failed; the client never sees which (D-27). */
export type AuthFailure =
  | { readonly kind: "invalid" }
  | { readonly kind: "throttled" }
  /** The password was right and is too old to be used; who knows it may hear so (RFC 5530 EXPIRED). */
  | { readonly kind: "expired" }
  | { readonly kind: "malformed" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "unavailable" };

/** A stored SCRAM verifier. RFC 5802 §3 */
export type ScramVerifier = {
  readonly credential: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
};

/**
 * What a mechanism asks of the server; `accounts/` implements it, bound to one session (protocol, client
 * address). Every failed attempt is counted there, whatever the mechanism.
 */
export interface Authenticator {
  password(login: string, password: Secret): Promise<AuthResult>;
  /** Salt and verifiers for a login; for an unknown login the same shape with a stable made-up salt and no verifier. */
  scram(login: string): Promise<ScramAccount>;
  /** Ends a SCRAM exchange: counts it and, where `credential` is given, turns it into an identity. */
  scramDone(login: string, credential: number | undefined): Promise<AuthResult>;
}

export type ScramAccount = {
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** All app passwords of an account share one salt, so that each can be tried against one proof. */
  readonly verifiers: readonly ScramVerifier[];
};

export type AuthResult =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly failure: AuthFailure };

/** RFC 9266: 32 octets exported from TLS 1.3, only when the session has it. */
export type ChannelBinding = { readonly type: "tls-exporter"; readonly data: Uint8Array };

export type SaslStep =
  | { readonly kind: "challenge"; readonly octets: Uint8Array }
  /** `octets`: server data that goes with success (SCRAM's server-final); protocols without room for it send it as a last challenge. */
  | { readonly kind: "success"; readonly identity: Identity; readonly octets?: Uint8Array }
  | { readonly kind: "failure"; readonly failure: AuthFailure };

/** One authentication under way. A function of what the client says and what the authenticator knows; no I/O of its own. */
export interface Exchange {
  /** `response` undefined: the client sent no initial response. Octets are already base64-decoded; at most 12288 (D-30). */
  step(response: Uint8Array | undefined): Promise<SaslStep>;
}
