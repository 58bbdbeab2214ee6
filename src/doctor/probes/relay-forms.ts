import type { Domain } from "../../base/domain-name.ts";
import { failure, fine, unknown, type Finding } from "../finding.ts";
import type { HostTarget, Net, Probe, Visit } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { greet, placeOf } from "./open-tls.ts";
import { seen, seenReason } from "../words/seen.ts";

/** Reserved for documentation (RFC 2606 §3); nothing is ever sent there, a RCPT is all. */
const AWAY = "example.net";

type Form = { readonly from: string; readonly to: string };

/** Every way in which a relay was ever talked into it (D-22). */
export function relayForms(domain: Domain, address: string): readonly Form[] {
  const outside = `victim@${AWAY}`;
  const form = (to: string, from = "tester@example.com"): Form => ({ from, to });
  return [
    form(outside), // plain
    form(outside, ""), // null sender
    form(outside, `you@${domain}`), // our domain as sender
    form(outside, `postmaster@${domain}`), // postmaster of ours as sender
    form(outside, `tester@[${address}]`), // address literal as sender
    form(`victim%${AWAY}@${domain}`), // percent
    form(`${AWAY}!victim@${domain}`), // bang path
    form(`@${domain}:${outside}`), // source route
    form(`"${outside}"@${domain}`), // quoted
    form(`"${outside}"`), // quoted without domain
    form(`${outside}@${domain}`), // two at signs
    form(`${outside}.`), // trailing dot
    form("victim@[192.0.2.1]"), // address literal
    form(`victim%${AWAY}@[${address}]`), // our address literal
    form(outside.toUpperCase()), // upper case
    form(`${outside}\0@${domain}`), // NUL
    form(`victim@${domain.replace(/[aeo]/, (letter) => GLYPHS[letter] ?? letter)}`), // homoglyph
    form(`victim@nobody-knows-this.${domain}`), // below our domain
    form(`victim@evil${domain}`), // our domain as ending
    form(`victim%${AWAY}(@${domain})`), // percent, then a comment
  ];
}

/** What came instead of a yes or no. */
type Doubt = { readonly form: string; readonly came: string };

/** As it is said to the server, on one line. */
const shownForm = ({ from, to }: Form): string => `MAIL FROM:<${from}> RCPT TO:<${to}>`;

/** Cyrillic letters that look Latin. */
const GLYPHS: Readonly<Record<string, string>> = { a: "\u0430", e: "\u0435", o: "\u043e" };

/** All forms, only at a server of ours or one whose owner asked for it; up to RCPT. */
export const relayMatrix: Probe<HostTarget> = {
  id: "relay-forms",
  title: phrase("Relay in all forms", "Relay in allen Formen"),
  source: "RFC 5321 §7.9, D-22, nmap smtp-open-relay",
  checks: ["relay-forms"],
  applies: (_, host) => isPermitted(host) && host.domains.length > 0,
  async run(host, net) {
    const [domain] = host.domains;
    if (!isPermitted(host) || domain === undefined) return [];
    const place = placeOf(host);
    const forms = relayForms(domain, host.address);
    const taken: string[] = [];
    const doubtful: Doubt[] = [];
    const asking = new Asking(host, net);
    let silences = 0;
    try {
      for (const form of forms) {
        const code = await asking.ask(form);
        if (code === undefined) break;
        if (typeof code === "string" || code < 500) {
          if (typeof code === "number" && code < 300) taken.push(shownForm(form));
          else doubtful.push({ form: shownForm(form), came: String(code) });
        }
        // A server that says nothing is not waited for twenty times.
        if (typeof code === "string" && ++silences >= SILENCES_MAX) break;
      }
    } finally {
      asking.end();
    }
    const { lost } = asking;
    if (lost !== undefined && taken.length === 0)
      return [unknown("relay-forms", place, seenReason(lost), "not-looked", { reason: lost })];
    return [verdict(place, forms.length, taken, doubtful)];
  },
};

/** Own servers, and those whose owner published the token. */
export const isPermitted = ({ ours, proven }: HostTarget): boolean => ours || proven === true;

function verdict(
  place: string,
  count: number,
  taken: readonly string[],
  doubtful: readonly Doubt[],
): Finding {
  if (taken.length > 0)
    return failure("relay-forms", place, taken.join(" | "), "relay-open-form", {
      count: String(taken.length),
      forms: taken.join(" | "),
    });
  const [doubt] = doubtful;
  return doubt !== undefined
    ? unknown("relay-forms", place, doubtful.map(({ form }) => form).join(" | "), "not-looked", {
        reason: doubt.came,
      })
    : fine("relay-forms", place, seen("forms-refused", { count: String(count) }));
}

/** Forms on which the connection broke off, as some servers do where they dislike one. */
const SILENCES_MAX = 3;
/** Servers slow down those whom they refused several times. */
const FORMS_A_VISIT = 3;

/** One connection for a few forms; a transaction for each. */
class Asking {
  readonly #host: HostTarget;
  readonly #net: Net;
  #visit: Visit | undefined;
  #asked = 0;
  #lost: string | undefined;

  constructor(host: HostTarget, net: Net) {
    this.#host = host;
    this.#net = net;
  }

  /** Why no visit came about any more. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /**
   * The code of the answer to RCPT, or what came instead; asked once more on a new connection when the old one ended.
   * Undefined where there is no connection to be had.
   */
  async ask(form: Form): Promise<number | string | undefined> {
    if (++this.#asked % FORMS_A_VISIT === 0) this.end();
    const isOld = this.#visit !== undefined;
    const first = await this.#transaction(form);
    if (!isOld || (typeof first === "number" && first !== 421)) return first;
    this.end();
    return this.#transaction(form);
  }

  end(): void {
    this.#visit?.[Symbol.dispose]();
    this.#visit = undefined;
  }

  async #transaction({ from, to }: Form): Promise<number | string | undefined> {
    const visit = this.#visit ?? (await this.#open());
    if (visit === undefined) return undefined;
    await visit.say("RSET");
    const sender = await visit.say(`MAIL FROM:<${from}>`);
    if (!sender.ok) return sender.error;
    // A sender who is turned away sends nothing to nobody.
    if (sender.value.code >= 400) return sender.value.code;
    const answer = await visit.say(`RCPT TO:<${to}>`);
    return answer.ok ? answer.value.code : answer.error;
  }

  async #open(): Promise<Visit | undefined> {
    const connected = await this.#net.connect(this.#host);
    if (connected.ok) this.#visit = connected.value;
    const greeted = connected.ok ? await greet(connected.value, this.#net) : connected;
    if (!greeted.ok) this.#lost = greeted.error;
    return greeted.ok ? this.#visit : undefined;
  }
}
