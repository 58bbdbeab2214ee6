import type { Domain } from "../base/domain-name.ts";

/** What a question came to. Absence, doubt and failure are three different answers (D-47). */
export type DnsAnswer<T> =
  | {
      readonly kind: "records";
      readonly records: readonly T[];
      readonly ttl_s: number;
      readonly authenticated: boolean;
      /** Of the signatures that came with them the one that ends first; absent where none came. */
      readonly signature?: SignatureTimes;
    }
  /** The name exists, this type does not. */
  | { readonly kind: "nodata"; readonly ttl_s: number; readonly authenticated: boolean }
  | { readonly kind: "nxdomain"; readonly ttl_s: number; readonly authenticated: boolean }
  /** No usable answer: `servfail` (also bogus DNSSEC), `timeout`, `refused`, `malformed`, `budget`. */
  | { readonly kind: "failure"; readonly reason: string };

/** Seconds since 1970 modulo 2^32, to be compared as serial numbers. RFC 4034 §3.1.5 */
export type SignatureTimes = { readonly begins_s: number; readonly ends_s: number };

export type MxRecord = {
  readonly preference: number;
  /** Empty for null MX (RFC 7505). */ readonly exchange: Domain | "";
};
export type TlsaRecord = {
  readonly usage: number;
  readonly selector: number;
  readonly matching: number;
  readonly data: Uint8Array;
};
export type SrvRecord = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: Domain | "";
};
export type SoaRecord = {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly minimum_s: number;
};

/** Record types and what their data look like once decoded. */
export type RecordData = {
  readonly A: string;
  readonly AAAA: string;
  readonly MX: MxRecord;
  /** The character strings of one record, joined; octets as latin1. */
  readonly TXT: string;
  readonly PTR: Domain;
  readonly CNAME: Domain;
  readonly NS: Domain;
  readonly TLSA: TlsaRecord;
  readonly SRV: SrvRecord;
  readonly SOA: SoaRecord;
  /** Of a key only what kind it is. */
  readonly DNSKEY: { readonly flags: number; readonly algorithm: number };
  /** Only what it covers and when it holds: nobody verifies here. */
  readonly RRSIG: SignatureTimes & { readonly covered: number };
  readonly CAA: { readonly flags: number; readonly tag: string; readonly value: string };
};
export type RecordType = keyof RecordData;

/** The one way to the DNS; `client.ts` asks a server, tests give a zone. CNAMEs are followed (at most 8). */
export interface Dns {
  /** The answer, if it is at hand: whoever has it need not wait, nor set a timer for the case that he must. */
  known?<T extends RecordType>(name: Domain, type: T): DnsAnswer<RecordData[T]> | undefined;
  query<T extends RecordType>(name: Domain, type: T, signal?: AbortSignal): Promise<DnsAnswer<RecordData[T]>>;
}
