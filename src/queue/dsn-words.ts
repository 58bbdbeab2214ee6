/** The words people read in a notice, in English and German. */
import type { DsnAction } from "./dsn.ts";

export type Words = {
  readonly opening: (hostName: string) => string;
  readonly actions: Readonly<Record<DsnAction, string>>;
  /** One sentence of help for a status code `class.subject.detail`; the first pattern that fits. */
  readonly hints: readonly (readonly [status: RegExp, hint: string])[];
  readonly retryUntil: (date: string) => string;
  readonly said: (host: string, text: string) => string;
  readonly subject: (text: string) => string;
  readonly returned: Readonly<Record<"whole" | "header", string>>;
};

export const ENGLISH: Words = {
  opening: (hostName) => `This is the mail server ${hostName}.`,
  actions: {
    failed: "Your message could not be delivered to:",
    delayed: "Your message still waits and is not yet delivered to:",
    delivered: "Your message was delivered to:",
    relayed: "Your message was handed to the next server, which sends no notices of delivery, for:",
    expanded: "Your message was delivered and sent on to the members of:",
  },
  hints: [
    [/^\d\.1\.1$/, "There is no such address. Please check how it is written."],
    [
      /^\d\.1\.(2|10)$|^\d\.4\.4$/,
      "The domain after the @ does not exist or takes no mail. Please check how it is written.",
    ],
    [/^\d\.2\.1$/, "The mailbox is switched off."],
    [/^\d\.2\.2$/, "The mailbox is full."],
    [/^\d\.(2\.3|3\.4)$/, "The message is too large for the recipient."],
    [/^\d\.4\.6$/, "The message went in circles between servers; their administrators must mend it."],
    [/^\d\.(4|3)\.\d+$/, "The recipient's server could not be reached or is not ready."],
    [/^\d\.6\.\d+$/, "The recipient's server cannot handle this kind of message or address."],
    [/^\d\.7\.\d+$/, "The recipient's server refuses the message as a matter of its rules."],
  ],
  retryUntil: (date) => `The server keeps trying until ${date}. You need not do anything.`,
  said: (host, text) => `${host} said: ${text}`,
  subject: (text) => `Subject of your message: ${text}`,
  returned: { whole: "Your message is attached.", header: "The header of your message is attached." },
};

export const GERMAN: Words = {
  opening: (hostName) => `Dies ist der Mailserver ${hostName}.`,
  actions: {
    failed: "Ihre Nachricht konnte nicht zugestellt werden an:",
    delayed: "Ihre Nachricht wartet noch und ist noch nicht zugestellt an:",
    delivered: "Ihre Nachricht wurde zugestellt an:",
    relayed: "Ihre Nachricht wurde an den nächsten Server übergeben, der keine Zustellung bestätigt, für:",
    expanded: "Ihre Nachricht wurde zugestellt und weitergeleitet an die Mitglieder von:",
  },
  hints: [
    [/^\d\.1\.1$/, "Diese Adresse gibt es nicht. Bitte prüfen Sie die Schreibweise."],
    [
      /^\d\.1\.(2|10)$|^\d\.4\.4$/,
      "Die Domain hinter dem @ gibt es nicht, oder sie nimmt keine Mail an. Bitte prüfen Sie die Schreibweise.",
    ],
    [/^\d\.2\.1$/, "Das Postfach ist abgeschaltet."],
    [/^\d\.2\.2$/, "Das Postfach ist voll."],
    [/^\d\.(2\.3|3\.4)$/, "Die Nachricht ist für den Empfänger zu groß."],
    [/^\d\.4\.6$/, "Die Nachricht lief im Kreis zwischen Servern; deren Verwalter müssen das beheben."],
    [/^\d\.(4|3)\.\d+$/, "Der Server des Empfängers war nicht zu erreichen oder nicht bereit."],
    [
      /^\d\.6\.\d+$/,
      "Der Server des Empfängers kann mit dieser Art von Nachricht oder Adresse nicht umgehen.",
    ],
    [/^\d\.7\.\d+$/, "Der Server des Empfängers lehnt die Nachricht nach seinen Regeln ab."],
  ],
  retryUntil: (date) => `Der Server versucht es weiter bis ${date}. Sie brauchen nichts zu tun.`,
  said: (host, text) => `${host} sagte: ${text}`,
  subject: (text) => `Betreff Ihrer Nachricht: ${text}`,
  returned: { whole: "Ihre Nachricht ist angehängt.", header: "Der Kopf Ihrer Nachricht ist angehängt." },
};

/** Subject lines, both languages in one, in ASCII so that they need no encoding. */
export const SUBJECTS: Readonly<Record<DsnAction, string>> = {
  failed: "Mail not delivered / Nachricht nicht zugestellt",
  delayed: "Mail still waiting / Nachricht wartet noch",
  delivered: "Mail delivered / Nachricht zugestellt",
  relayed: "Mail handed on / Nachricht weitergegeben",
  expanded: "Mail delivered to a list / Nachricht an Liste zugestellt",
};
