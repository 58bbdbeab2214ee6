import { filterOf, type CodeFilter } from "./list-filter.ts";

/** What is known of a public DNS list. */
export type KnownList = {
  readonly zone: string;
  readonly about: "address" | "domain" | "allowed-address";
  /** Answers that mean "listed"; everything else is an error of the list (D-02). */
  readonly codes: CodeFilter;
  /** Answers that mean "we do not serve you". */
  readonly refused?: readonly CodeFilter[];
  /** Why one cannot just use it. */
  readonly needs?: "registration" | "key";
  /**
   * How a list of domains wants to be asked about a link: by the whole host name or by the registered domain alone, and
   * whether about addresses too.
   */
  readonly links?: LinkManner;
};

export type LinkManner = { readonly names: "whole" | "registered"; readonly addresses: boolean };

const LISTS: readonly KnownList[] = [
  { zone: "zen.spamhaus.org", about: "address", codes: filterOf("127.0.0.[2..7;9..11;30]") },
  {
    zone: "zen.dq.spamhaus.net",
    about: "address",
    codes: filterOf("127.0.0.[2..7;9..11;20;30]"),
    needs: "key",
  },
  { zone: "sbl.spamhaus.org", about: "address", codes: filterOf("127.0.0.[2;3;9]") },
  { zone: "xbl.spamhaus.org", about: "address", codes: filterOf("127.0.0.[4..7]") },
  { zone: "pbl.spamhaus.org", about: "address", codes: filterOf("127.0.0.[10;11]") },
  { zone: "b.barracudacentral.org", about: "address", codes: filterOf("127.0.0.2"), needs: "registration" },
  { zone: "bl.spamcop.net", about: "address", codes: filterOf("127.0.0.2") },
  { zone: "psbl.surriel.com", about: "address", codes: filterOf("127.0.0.2") },
  { zone: "noptr.spamrats.com", about: "address", codes: filterOf("127.0.0.37"), needs: "key" },
  { zone: "dyna.spamrats.com", about: "address", codes: filterOf("127.0.0.36"), needs: "key" },
  { zone: "spam.spamrats.com", about: "address", codes: filterOf("127.0.0.38"), needs: "key" },
  { zone: "bl.mailspike.net", about: "address", codes: filterOf("127.0.0.[2;10..12]") },
  { zone: "bl.spameatingmonkey.net", about: "address", codes: filterOf("127.0.0.[2;3]") },
  { zone: "bl.blocklist.de", about: "address", codes: filterOf("127.0.0.[2..30]") },
  {
    zone: "list.dnswl.org",
    about: "allowed-address",
    codes: filterOf("127.0.[0..9;11..255].[1..3]"),
    refused: [filterOf("127.0.0.255"), filterOf("127.0.10.[0..255]")],
  },
  {
    zone: "dbl.spamhaus.org",
    about: "domain",
    codes: filterOf("127.0.1.[2;4..6;102..106]"),
    // 127.0.1.255: it was asked about an address.
    refused: [filterOf("127.0.1.255")],
    links: { names: "whole", addresses: false },
  },
  {
    zone: "multi.surbl.org",
    about: "domain",
    codes: filterOf("127.0.0.[&8;&16;&64;&128]"),
    refused: [filterOf("127.0.0.[&1]")],
    links: { names: "registered", addresses: true },
  },
  {
    zone: "multi.uribl.com",
    about: "domain",
    codes: filterOf("127.0.0.[&2;&8]"),
    refused: [filterOf("127.0.0.[&1]")],
    links: { names: "registered", addresses: true },
  },
];

export function knownList(zone: string): KnownList | undefined {
  return LISTS.find((list) => list.zone === zone);
}

/**
 * Weighted lists of a fresh server (D-05): alive in late 2026, free of registration for a small server. Eight points
 * refuse, so only exploited machines and hijacked networks (Spamhaus XBL, DROP) are refused on the word of one list.
 */
export const DEFAULT_SITES = [
  "zen.spamhaus.org=127.0.0.[4..7;9]*8",
  "zen.spamhaus.org=127.0.0.[2;3]*6",
  "zen.spamhaus.org=127.0.0.[10;11]*4",
  "bl.spamcop.net=127.0.0.2*3",
  "psbl.surriel.com=127.0.0.2*3",
  "bl.mailspike.net=127.0.0.[2;10..12]*3",
  "list.dnswl.org=127.0.[0..9;11..255].1*-2",
  "list.dnswl.org=127.0.[0..9;11..255].2*-4",
  "list.dnswl.org=127.0.[0..9;11..255].3*-6",
].join(" ");

/**
 * Lists of domains that a fresh server asks about links, for what they are sure of: spam, phishing, malware, bots.
 * Honest sites that were broken into (DBL 127.0.1.102 to 106), grey and young domains (URIBL bits 4 and 8) are left out.
 */
export const DEFAULT_LINK_LISTS = [
  "dbl.spamhaus.org=127.0.1.[2;4..6]",
  "multi.surbl.org=127.0.0.[&8;&16;&64;&128]",
  "multi.uribl.com=127.0.0.[&2]",
] as const;

/** Points that refuse, and points that file a message as junk (D-05). */
export const DEFAULT_REJECT_SCORE = 8;
export const DEFAULT_JUNK_SCORE = 4;
