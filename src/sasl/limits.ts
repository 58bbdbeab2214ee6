/** Every number of the exchanges, each with its reason. */

/** A name or password: 256 characters of four octets, the longest password that can be set (F-02). */
export const PREPARED_OCTETS_MAX = 1024;
/** Our half of a SCRAM nonce: 144 bits never repeat. RFC 5802 §5.1 */
export const NONCE_OCTETS = 18;
/** As a client: fewer rounds than RFC 7677 §4 asks for would give the password away … */
export const ITERATIONS_MIN = 4_096;
/** … and more than this would let a server keep us busy for seconds. */
export const ITERATIONS_MAX = 1_000_000;
