import { reason as r, type ReasonWords } from "./language.ts";

const PROVE_EN =
  "`wachpost doctor` with the sender's domain examines SPF, DKIM and DMARC, and says what to publish.";
const PROVE_DE =
  "`wachpost doctor` mit der Domain des Absenders untersucht SPF, DKIM und DMARC und sagt, was zu veröffentlichen ist.";

/** What large providers mean by refusals of theirs that do not say it; found by `known-refusals.ts`. */
export const PROVIDER_REASONS = {
  "provider-unproven": r(
    "The provider takes mail only if SPF or DKIM proves it to be of the domain in From, and found that neither does.",
    "Der Anbieter nimmt Mail nur, wenn SPF oder DKIM belegt, dass sie von der Domain im Feld From ist, und fand, dass keins es tut.",
    PROVE_EN,
    PROVE_DE,
  ),
  "provider-bulk-unproven": r(
    "The provider counts the domain among bulk senders, whose mail must pass SPF, DKIM and DMARC, and found that it does not.",
    "Der Anbieter zählt die Domain zu den Massenversendern, deren Mail SPF, DKIM und DMARC bestehen muss, und fand, dass sie es nicht tut.",
    PROVE_EN,
    PROVE_DE,
  ),
  "provider-rate": r(
    "The provider takes less from this server for a while: it saw unusually much, or much that its users called spam.",
    "Der Anbieter nimmt eine Zeit lang weniger von diesem Server: Er hat ungewöhnlich viel gesehen, oder viel, was seine Nutzer Spam nannten.",
    "Nothing needs to be done if nobody here sent much; it is tried again more slowly. Else see who sent it: an account may have been taken over.",
    "Hat hier niemand viel gesendet, ist nichts zu tun; es wird langsamer wieder versucht. Sonst sehen Sie nach, wer es war: Ein Konto kann übernommen worden sein.",
  ),
  "provider-network-blocked": r(
    "The provider has this server's address, or the network around it, on a block list of its own.",
    "Der Anbieter führt die Adresse dieses Servers, oder das Netz um sie herum, auf einer eigenen Sperrliste.",
    "Ask for removal at the form the reply names (Microsoft: sender.office.com or the support form of outlook.com); often the neighbours are the reason, and another address the remedy.",
    "Bitten Sie um Streichung mit dem Formular, das die Antwort nennt (Microsoft: sender.office.com oder das Formular von outlook.com); oft liegt es an den Nachbarn, dann hilft eine andere Adresse.",
  ),
  "provider-local-policy": r(
    "The provider's filter refused the message by its content or by what is known of its sender, and tells no more.",
    "Der Filter des Anbieters hat die Nachricht wegen ihres Inhalts oder des Rufs ihres Absenders abgelehnt und sagt nicht mehr.",
    "See that the domain passes all checks of `wachpost doctor`; look at links and attachments; then write to the provider's postmaster.",
    "Sorgen Sie dafür, dass die Domain alle Prüfungen von `wachpost doctor` besteht; sehen Sie auf Links und Anhänge; schreiben Sie dann dem Postmaster des Anbieters.",
  ),
} as const satisfies Readonly<Record<string, ReasonWords>>;
