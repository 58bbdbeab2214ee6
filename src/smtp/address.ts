/** An address of the envelope: the local part as meant (quoting undone), the domain as looked up. RFC 5321 §4.1.2 */
export type EnvelopeAddress = {
  /** Case preserved, quoting and escapes undone (T-08). */
  readonly localPart: string;
  /** A checked `Domain` in A-labels, or an address literal with its brackets; empty only for the bare `<Postmaster>`. */
  readonly domain: string;
  /** As it goes on the wire, without angle brackets: quoted again where needed, domain in A-labels. */
  readonly text: string;
};
