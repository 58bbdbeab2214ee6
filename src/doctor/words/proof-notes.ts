import { note } from "./phrase.ts";

/** Why a server is not tried as closely as one of ours: whose it is was not shown (`proof.ts`). */
export const PROOF_NOTES = {
  "token-short": note(
    "The token proves nothing: it has fewer than {count} characters.",
    "Das Token beweist nichts: Es hat weniger als {count} Zeichen.",
    'Publish {record}. TXT "{print}" and call: {command}',
    'Veröffentlichen Sie {record}. TXT "{print}" und rufen Sie auf: {command}',
  ),
  "token-alone": note(
    "The token proves nothing: it belongs to a domain, and none is named.",
    "Das Token beweist nichts: Es gehört zu einer Domain, und keine ist genannt.",
    "Call: {command}",
    "Rufen Sie auf: {command}",
  ),
  "token-name": note(
    "The token proves nothing: the name {name} is too long for a record below it.",
    "Das Token beweist nichts: Der Name {name} ist zu lang für einen Eintrag darunter.",
    "Name a shorter domain of the same server.",
    "Nennen Sie eine kürzere Domain desselben Servers.",
  ),
  "token-doubtful": note(
    "The token proves nothing: the DNS gave no answer for {name} ({reason}).",
    "Das Token beweist nichts: Das DNS gab keine Antwort für {name} ({reason}).",
    "Ask again later, or look at {name} with `dig`.",
    "Fragen Sie später noch einmal, oder sehen Sie {name} mit `dig` an.",
  ),
  "token-alias": note(
    "The token proves nothing: {name} is an alias (CNAME) of {target}, where others may write.",
    "Das Token beweist nichts: {name} ist ein Alias (CNAME) von {target}, wo andere schreiben dürfen.",
    'Publish the record itself, in place of the alias or beside the one for all names: {name}. TXT "{print}"',
    'Veröffentlichen Sie den Eintrag selbst, statt des Alias oder neben dem für alle Namen: {name}. TXT "{print}"',
  ),
  "token-missing": note(
    "The token proves nothing: what belongs to it is not at {name}.",
    "Das Token beweist nichts: Was zu ihm gehört, steht nicht bei {name}.",
    'Publish {name}. TXT "{print}" and call again.',
    'Veröffentlichen Sie {name}. TXT "{print}" und rufen Sie noch einmal auf.',
  ),
  "server-nameless": note(
    "There is no reverse name for {address}, so nobody can tell whose server it is; the token of a domain does not say it. Nothing was tried there.",
    "Für {address} gibt es keinen Rückwärtsnamen, also weiß niemand, wessen Server es ist; das Token einer Domain sagt es nicht. Dort wurde nichts erprobt.",
    "Let who gave you the address set its reverse name (PTR) to a name of yours that leads to {address}, or call on the machine itself.",
    "Lassen Sie den Rückwärtsnamen (PTR) von dem, der Ihnen die Adresse gab, auf einen Namen von Ihnen setzen, der zu {address} führt, oder rufen Sie auf der Maschine selbst auf.",
  ),
  "server-unconfirmed": note(
    "The reverse name of {address}, {name}, does not lead back, so nobody can tell whose server it is. Nothing was tried there.",
    "Der Rückwärtsname von {address}, {name}, führt nicht zurück, also weiß niemand, wessen Server es ist. Dort wurde nichts erprobt.",
    "If it is yours, let {name} lead to {address}, or the reverse name (PTR) be set to a name of yours that does.",
    "Gehört er Ihnen, lassen Sie {name} zu {address} führen oder den Rückwärtsnamen (PTR) auf einen Namen von Ihnen setzen, der es tut.",
  ),
  "server-doubtful": note(
    "Whose server {address} is could not be learned: the DNS gave no answer for {name} ({reason}). Nothing was tried there.",
    "Wessen Server {address} ist, war nicht zu erfahren: Das DNS gab keine Antwort für {name} ({reason}). Dort wurde nichts erprobt.",
    "Ask again later, or look at {name} with `dig`.",
    "Fragen Sie später noch einmal, oder sehen Sie {name} mit `dig` an.",
  ),
  "server-elsewhere": note(
    "The reverse name of {address} is {name}, which is not in {domain}: anybody can point his mail there. Nothing was tried there.",
    "Der Rückwärtsname von {address} ist {name}, nicht in {domain}: Jeder kann seine Mail dorthin zeigen lassen. Dort wurde nichts erprobt.",
    'If it is yours, too, publish {record}. TXT "{print}"',
    'Gehört er auch Ihnen, veröffentlichen Sie {record}. TXT "{print}"',
  ),
} as const;
