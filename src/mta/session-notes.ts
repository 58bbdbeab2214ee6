import type { Judgement, SessionFacts } from "../journal/record.ts";
import type { Judged } from "../policy/contract.ts";
import type { SmtpSessionFacts } from "../smtp/backend.ts";

/** Records of one session; a client that sends for hours is told in parts. */
const JUDGEMENTS_MAX = 100;

type Judging = Omit<Judgement, "at_ms" | "steps" | "asked" | "decision">;

/** What is written down of one session, for the journal. */
export class SessionNotes {
  readonly judgements: Judgement[] = [];
  /** Queue ids. */
  readonly messages: string[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(about: Judging, judged: Pick<Judged, "steps" | "asked" | "decision">): Judgement {
    const { steps, asked, decision } = judged;
    const judgement = { at_ms: this.#now(), ...about, steps, asked, decision };
    if (this.judgements.length < JUDGEMENTS_MAX) this.judgements.push(judgement);
    return judgement;
  }
}

/** The session as the journal has it. Names: what the DNS says of the client, where it was asked. */
export function sessionFactsOf(
  { id, profile, remote, helo, tls, identity }: SmtpSessionFacts,
  {
    clientName = "unknown",
    reverseClientName = "unknown",
  }: Partial<Pick<SessionFacts, "clientName" | "reverseClientName">> = {},
): SessionFacts {
  return {
    session: id,
    profile,
    clientAddress: remote.address.text,
    clientName,
    reverseClientName,
    ...(helo === undefined ? {} : { helo: helo.name, heloVerb: helo.verb }),
    ...(tls === undefined ? {} : { tls: { protocol: tls.protocol, cipher: tls.cipher } }),
    ...(identity === undefined ? {} : { login: identity.login }),
  };
}
