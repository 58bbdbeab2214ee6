import type { Domain } from "../base/domain-name.ts";
import type { Config } from "../config/schema.ts";

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

export function mailSettings({ hostname, listeners }: Config): MailSettings {
  const { imaps, imap, pop3s, submissions, submission } = listeners;
  const service = (
    { enabled, port }: { readonly enabled: boolean; readonly port: number },
    kind: MailService["kind"],
    security: MailService["security"],
  ): readonly MailService[] => (enabled ? [{ kind, security, port }] : []);
  return {
    hostName: hostname as Domain,
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
