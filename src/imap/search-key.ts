/** A search program as a tree. RFC 9051 §6.4.4; sequence sets are resolved to uid ranges before the backend sees them. */
export type SearchKey =
  | { readonly kind: "all" }
  | { readonly kind: "and"; readonly keys: readonly SearchKey[] }
  | { readonly kind: "or"; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly kind: "not"; readonly key: SearchKey }
  /** Inclusive uid ranges, ascending. */
  | { readonly kind: "uids"; readonly ranges: readonly (readonly [from: number, to: number])[] }
  /** `\Seen` … or a keyword; present. */
  | { readonly kind: "flag"; readonly flag: string }
  /** `field` lower case; an empty `text` asks for the field's presence. */
  | { readonly kind: "header"; readonly field: string; readonly text: string }
  | { readonly kind: "body"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "larger"; readonly octets: number }
  | { readonly kind: "smaller"; readonly octets: number }
  /** Days as `YYYY-MM-DD`; INTERNALDATE, Date: header, or SAVEDATE, disregarding time and zone. */
  | {
      readonly kind: "date";
      readonly of: "internal" | "sent" | "saved";
      readonly relation: "before" | "on" | "since";
      readonly day: string;
    }
  /** Seconds before now. RFC 5032 */
  | { readonly kind: "within"; readonly relation: "older" | "younger"; readonly seconds: number }
  | { readonly kind: "modseq"; readonly modSeq: number }
  | { readonly kind: "emailid"; readonly id: string }
  | { readonly kind: "threadid"; readonly id: string };
