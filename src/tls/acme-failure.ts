import { printable } from "../base/ascii.ts";
import { err, type Err } from "../base/result.ts";

/** Why there is no certificate: what happened and what the operator can do about it. */
export type AcmeFailure = {
  /** Stable: `acme-` and the last part of the problem's type, or what we call it ourselves. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** The names it is about, where the authority says so. */
  readonly names?: readonly string[];
  /** The authority asked for this much patience. RFC 8555 §6.6 */
  readonly retryAfter_ms?: number;
};

export const failed = (failure: AcmeFailure): Err<AcmeFailure> => err(failure);

const WAIT = "Nothing to do: it is tried again by itself.";

/** What helps against the errors an authority names. RFC 8555 §6.7, RFC 9773 §7.4 */
const REMEDIES: Readonly<Record<string, string>> = {
  accountDoesNotExist: "A new account is made at the next try.",
  alreadyReplaced: WAIT,
  badCSR: "The names in tls.acme.names do not suit this authority; check their spelling.",
  badNonce: WAIT,
  badRevocationReason: "Use another reason.",
  caa: "A CAA record of the domain forbids this authority, our account there or this proof. `wachpost dns DOMAIN` shows the record that lets them through; or choose another directory.",
  compound: "See each name's own error.",
  connection:
    "The authority could not connect. Open the challenge's port (80 for http-01, 443 for tls-alpn-01) in the firewall and check that A and AAAA records point here.",
  dns: "The name does not resolve, or its zone's DNSSEC is broken. Check its A and AAAA records and `wachpost dns`.",
  externalAccountRequired:
    "This authority wants an account made on its web site first; choose another directory.",
  incorrectResponse:
    "Something else answered the challenge. Check that the name's addresses are all of this machine and no proxy stands in between.",
  invalidContact: "Correct tls.acme.contact.",
  malformed: "The authority did not understand us. Check tls.acme.directory.",
  orderNotReady: WAIT,
  rateLimited: "Too many requests or certificates; it is tried again when the authority allows it.",
  rejectedIdentifier: "This authority gives no certificates for this name; take it out of tls.acme.names.",
  serverInternal: WAIT,
  tls: "The authority could not speak TLS with this machine. Check that port 443 of the name reaches it.",
  unauthorized:
    "The challenge's answer did not arrive. Check that the name's addresses are all of this machine and no proxy stands in between.",
  unsupportedContact: "tls.acme.contact must be one mail address.",
  unsupportedIdentifier: "This authority gives no certificates for this kind of name.",
  userActionRequired: "The terms have changed. Read them at the address above; tls.acme.agree_terms agrees.",
};
const UNKNOWN_REMEDY = "See the authority's words above; it is tried again by itself.";
const PREFIX = "urn:ietf:params:acme:error:";
const DETAIL_CHARACTERS_MAX = 600;
const SUBPROBLEMS_MAX = 10;

export type Problem = {
  readonly type?: string | undefined;
  readonly detail?: string | undefined;
  readonly identifier?: { readonly value: string } | undefined;
  readonly subproblems?: readonly Problem[] | undefined;
};

/** A problem document in the operator's words. RFC 7807 §3.1, RFC 8555 §6.7 */
export function problemFailure(problem: Problem, status: number, retryAfter_ms?: number): AcmeFailure {
  const kind = problem.type?.startsWith(PREFIX) === true ? problem.type.slice(PREFIX.length) : undefined;
  const known = kind !== undefined && Object.hasOwn(REMEDIES, kind) ? kind : undefined;
  const rateLimited = known === undefined && (status === 429 || status === 503);
  return {
    code: rateLimited ? "acme-rateLimited" : `acme-${known ?? "refused"}`,
    message: words(problem, status),
    remedy: REMEDIES[rateLimited ? "rateLimited" : (known ?? "")] ?? UNKNOWN_REMEDY,
    ...(retryAfter_ms === undefined ? {} : { retryAfter_ms }),
    ...namesIn(problem),
  };
}

/** A problem may be about some identifiers of an order and not about others. RFC 8555 §6.7.1 */
function namesIn({ identifier, subproblems = [] }: Problem): Pick<AcmeFailure, "names"> {
  const names = [{ identifier }, ...subproblems].flatMap((part) => part.identifier?.value ?? []);
  return names.length === 0 ? {} : { names };
}

function words(problem: Problem, status: number): string {
  const parts = (problem.subproblems ?? []).slice(0, SUBPROBLEMS_MAX).map(one);
  return printable(
    [one(problem), ...parts].filter(Boolean).join(" ") || `status ${status}`,
    DETAIL_CHARACTERS_MAX,
  );
}

const one = ({ identifier, detail, type }: Problem): string =>
  `${identifier === undefined ? "" : `${identifier.value}: `}${detail ?? type ?? ""}`;
