/** Bounds of a DNS conversation, each with its reason. */

export const DNS_PORT = 53;
/** No fragmentation on any path (DNS flag day 2020). */
export const UDP_PAYLOAD_OCTETS = 1232;
/** What a TCP answer can be. */
export const MESSAGE_OCTETS_MAX = 65_535;
/** RFC 1035 §2.3.4 */
export const NAME_OCTETS_MAX = 255;
/** A name of 255 octets has at most 128 labels; each costs at most one pointer. */
export const POINTERS_MAX = 128;
/** Records read of one answer; more is an attack or a mistake. */
export const RECORDS_MAX = 500;
/** Aliases followed (D-47). */
export const CNAME_CHAIN_MAX = 8;
/** One try, and all tries of one question (D-47). */
export const TRY_MS = 2_000;
export const QUESTION_MS = 5_000;
/** Negative and positive answers are kept at most a day, whatever the zone says. */
export const TTL_MAX_S = 86_400;
export const CACHE_ENTRIES_MAX = 10_000;
/** Questions under way at once; more wait. */
export const IN_FLIGHT_MAX = 500;
/** A server writes an update to its journal before it answers. */
export const UPDATE_MS = 10_000;
/** Name servers of a zone that are asked one by one. */
export const NAME_SERVERS_MAX = 10;
/** So long after the last answer from outside the DNS counts as cut off: it is asked every hour. */
export const HEARD_MS = 7_200_000;
/** A resolver or network that starts with the machine, but later, has this long. */
export const SILENT_START_MS = 300_000;
