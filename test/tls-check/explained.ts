/** What testssl.sh finds grave and is as it should be, each with its reason; anything else fails the check. */
import type { Finding } from "./scanners.ts";

type Explanation = {
  readonly id: RegExp;
  readonly finding: RegExp;
  readonly why: string;
};

const EXPLAINED: readonly Explanation[] = [
  {
    id: /^cert_revocation$/,
    finding: /^Neither CRL nor OCSP URI provided$/,
    why: "The certificate is of the test's own authority, which revokes nothing and names no place to ask. A public one brings its own.",
  },
  {
    id: /^engine_problem$/,
    finding: /^No engine or GOST support/,
    why: "Said of the openssl that testssl.sh runs, not of the server: GOST suites are looked for by its own handshakes.",
  },
];

/** Undefined: nobody has explained it. */
export const explanationOf = ({ id, finding }: Finding): string | undefined =>
  EXPLAINED.find((one) => one.id.test(id) && one.finding.test(finding))?.why;
