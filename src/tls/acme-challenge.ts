/** A proof that is on show until disposed of. */
export type Shown = AsyncDisposable;

/** What the authority will look for. RFC 8555 §8 */
export type Proof = {
  /** The name to be proved, without `*.`. */
  readonly name: string;
  readonly token: string;
  readonly keyAuthorization: string;
};

/** One way of proving that a name is ours. */
export interface ChallengeSolver {
  readonly type: "http-01" | "tls-alpn-01" | "dns-01";
  /** Puts the proof on show; an error is an OperatorError. */
  show(proof: Proof): Promise<Shown>;
}
