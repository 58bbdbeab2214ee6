import type { Domain } from "../base/domain-name.ts";
import type { Config } from "../config/schema.ts";
import { isTrial } from "../doctor/trial.ts";

/** A port a mail program may use. */
export type MailService = {
  readonly kind: "imap" | "pop3" | "smtp";
  readonly security: "tls" | "starttls";
  readonly port: number;
};

/** What a mail program must know to work with this server: the same for every address. */
export type MailSettings = {
  readonly hostName: Domain;
  /** The best of each kind first: TLS from the first octet before STARTTLS. RFC 8314 §3.3 */
  readonly services: readonly MailService[];
};

export function mailSettings(config: Config): MailSettings {
  const { hostname, listeners } = config;
  const { imaps, imap, pop3s, submissions, submission } = listeners;
  const service = (
    { enabled, port }: { readonly enabled: boolean; readonly port: number },
    kind: MailService["kind"],
    security: MailService["security"],
  ): readonly MailService[] => (enabled ? [{ kind, security, port }] : []);
  return {
    // The trial server's own name is in no DNS; this one is in its certificate too.
    hostName: (isTrial(config) ? "localhost" : hostname) as Domain,
    services: [
      ...service(imaps, "imap", "tls"),
      ...service(imap, "imap", "starttls"),
      ...service(pop3s, "pop3", "tls"),
      ...service(submissions, "smtp", "tls"),
      ...service(submission, "smtp", "starttls"),
    ],
  };
}

/** The one to use of a kind. */
export const bestOf = ({ services }: MailSettings, kind: MailService["kind"]): MailService | undefined =>
  services.find((service) => service.kind === kind);
