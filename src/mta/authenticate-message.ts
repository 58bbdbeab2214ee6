import { verifyChainOf } from "../authentication/arc/verify.ts";
import { splitMessage, type SignedMessage } from "../authentication/dkim/signed-data.ts";
import { verifyAll } from "../authentication/dkim/verify.ts";
import { findDmarc, type DmarcFinding } from "../authentication/dmarc/verify.ts";
import { checkReverse } from "../authentication/iprev.ts";
import { Budget } from "../authentication/timed-dns.ts";
import type { Authentication, IprevResult, SpfResult } from "../authentication/results.ts";
import { checkHelo, checkHost } from "../authentication/spf/verify.ts";
import type { IpAddress } from "../base/ip.ts";
import type { Dns } from "../dns/answer.ts";
import { fieldValue, findFields } from "../message/header.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";

/** All questions about a message from a file together; what is not known by then is `temperror`. */
const AUTHENTICATION_MS = 20_000;

export type Origin = {
  readonly client: IpAddress;
  readonly heloName: string;
  readonly from: EnvelopeAddress | null;
  readonly octets: Buffer;
};
type Known = { readonly iprev: IprevResult | undefined; readonly spf: readonly SpfResult[] };
type Around = { readonly dns: Dns; readonly receiver: string; readonly now_ms: number };

/** Everything at once, for a message that came some other way than over our port 25. */
export async function authenticateMessage(origin: Origin, asking: Around): Promise<Authentication> {
  const { client, heloName, from, octets } = origin;
  const { dns, receiver, now_ms } = asking;
  using signal = new Budget(AUTHENTICATION_MS, undefined);
  const about = { client, heloName, receiver, now_ms };
  const [iprev, mailFrom, helo] = await Promise.all([
    checkReverse(client, dns, signal),
    checkHost({ ...about, from }, dns, signal),
    checkHelo(about, dns, signal),
  ]);
  const known = { iprev, spf: [mailFrom, helo] };
  const around = { dns, now_ms, signatures_ms: AUTHENTICATION_MS };
  return (await authenticateContent(octets, known, around)).authentication;
}

/** The results, and the DMARC record they were measured by. */
export type AuthenticatedContent = Pick<DmarcFinding, "policy"> & {
  readonly authentication: Authentication;
  /** The message came with somebody's results, or has too many fields to say so. */
  readonly hasResults: boolean;
};

/** What the session knows already, and what only the message can tell. `signatures_ms`: for all key servers together. */
export async function authenticateContent(
  octets: Buffer,
  { iprev, spf }: Known,
  { dns, now_ms, signatures_ms }: Omit<Around, "receiver"> & { readonly signatures_ms: number },
): Promise<AuthenticatedContent> {
  using signal = new Budget(signatures_ms, undefined);
  const message = splitMessage(octets);
  const [dkim, arc] = await Promise.all([
    verifyAll(message, dns, { now_ms, signal }),
    verifyChainOf(message, dns, { now_ms, signal }),
  ]);
  const question = { fromFields: fromFields(message), spf, dkim };
  // Its own time: a sender's slow key servers must not keep us from learning what the author's domain asks for.
  const { dmarc, policy } = await findDmarc(question, dns);
  const authentication = { ...(iprev === undefined ? {} : { iprev }), spf, dkim, arc, dmarc };
  const hasResults = message.tooLong || message.fields.has("authentication-results");
  return { authentication, hasResults, ...(policy === undefined ? {} : { policy }) };
}

const fromFields = ({ octets, fields, tooLong }: SignedMessage): readonly string[] =>
  tooLong ? findFields(octets, "from") : (fields.get("from") ?? []).map((field) => fieldValue(octets, field));
