import type { Soon } from "../base/soon.ts";
import type { IpAddress } from "../base/ip.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { Authenticator, Mechanism } from "../sasl/exchange.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";

/** What the rest of the house asks of `accounts/`. */
export interface Addresses {
  /** True for a domain we are final destination for. */
  isLocalDomain(domain: string): Soon<boolean>;
  /** What becomes of mail to this address: subaddress, alias, catch-all, postmaster@ and abuse@ included (T-07, E-33). */
  resolve(address: EnvelopeAddress): Soon<Resolution>;
  /** May this account send as this address? Own address, its subaddresses, aliases that reach it, catch-all excluded (D-24). */
  owns(account: AccountId, address: EnvelopeAddress): Promise<boolean>;
}

export type Resolution =
  | {
      readonly kind: "local";
      /** Accounts that get a copy; no duplicates. */
      readonly accounts: readonly {
        readonly account: AccountId;
        readonly login: string;
        readonly detail?: string;
      }[];
      /** Remote addresses the alias forwards to; no duplicates. */
      readonly remote: readonly string[];
    }
  | { readonly kind: "unknown" }
  | { readonly kind: "disabled" }
  /** Not one of our domains. */
  | { readonly kind: "foreign" }
  /** An alias that leads to itself, or too many members. */
  | { readonly kind: "broken"; readonly detail: string };

export type AuthProtocol = "smtp" | "imap" | "pop3";

export interface Logins {
  /** Offered now: SCRAM only while every account can use it. */
  mechanisms(tls: boolean): readonly Mechanism[];
  /** Bound to one session; counts failures across all protocols (D-26). */
  authenticator(session: {
    readonly protocol: AuthProtocol;
    readonly remote: IpAddress;
    readonly id: string;
  }): Authenticator;
}
