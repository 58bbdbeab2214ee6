import { fine, warning, type Finding } from "../finding.ts";
import type { HostTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { firstWords } from "./early-data.ts";
import { notLooked } from "./hello.ts";
import { TLS_12 } from "./offers.ts";
import { openTls, placeOf, whyNot } from "./open-tls.ts";
import { seen } from "../words/seen.ts";

/** Internet.nl TLS-9: up to ten are borne. */
const TRIES = 11;

/** A handshake costs a server ten times what it costs a client: who may ask for it without end can keep it busy. Internet.nl TLS-9 */
export const renegotiation: Probe<HostTarget> = {
  id: "renegotiation",
  title: phrase("Renegotiation by the client", "Neuverhandlung durch den Client"),
  source: "CVE-2011-1473, Internet.nl TLS-9",
  checks: ["client-renegotiation"],
  async run(host, net) {
    const place = placeOf(host);
    let agreed = 0;
    let silence: string | undefined;
    const opened = await openTls(host, net, TLS_12, async (_, visit) => {
      // Who says nothing at all inside TLS does not refuse this either.
      silence = await firstWords(host, visit, net);
      while (silence === undefined && agreed < TRIES && (await visit.renegotiate())) agreed++;
    });
    if (opened.ok && silence === undefined) return [verdict(place, agreed)];
    if (opened.ok) return notLooked(this.checks, host, silence ?? "");
    const why = opened.error;
    if (
      why.at === "handshake" &&
      why.failure.kind === "refused" &&
      /PROTOCOL_VERSION/.test(why.failure.detail)
    )
      return [fine("client-renegotiation", place, seen("only-13"))];
    return notLooked(this.checks, host, whyNot(why));
  },
};

function verdict(place: string, agreed: number): Finding {
  if (agreed >= TRIES)
    return warning(
      "client-renegotiation",
      place,
      seen("times", { count: String(agreed) }),
      "renegotiation-by-client",
    );
  return fine(
    "client-renegotiation",
    place,
    agreed === 0 ? seen("refused") : seen("ended-after", { count: String(agreed) }),
  );
}
