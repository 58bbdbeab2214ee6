import { parseDomain, type Domain } from "../base/domain-name.ts";

type Door = { readonly enabled: boolean; readonly port: number };
export type TlsaSettings = {
  readonly hostname: string;
  readonly tls: { readonly acme: { readonly enabled: boolean; readonly names: readonly string[] } };
  readonly listeners: Readonly<Record<"submissions" | "submission" | "imaps" | "imap" | "pop3s", Door>>;
};

/** Names at which TLSA records of our key may stand. RFC 7672 §2.2 */
export type TlsaOwners = {
  /** Port 25 of the host: where every sender looks. */
  readonly main: Domain;
  /**
   * Port 25 of the certificate's other names, for any may be in an MX record, and our mail doors. Mail programs hardly
   * ever look, so these count where somebody has published a record.
   */
  readonly others: readonly Domain[];
};

export function tlsaOwners({ hostname, tls: { acme }, listeners }: TlsaSettings): TlsaOwners {
  const { submissions, submission, imaps, imap, pop3s } = listeners;
  const doors = [submissions, submission, imaps, imap, pop3s].filter(({ enabled }) => enabled);
  const names = acme.enabled ? acme.names.filter((name) => !name.startsWith("*")) : [];
  const main = `_25._tcp.${hostname}` as Domain;
  const others = [
    ...names.map((name) => `_25._tcp.${name}`),
    ...doors.map(({ port }) => `_${port}._tcp.${hostname}`),
  ].flatMap((text) => parseDomain(text) ?? []);
  return { main, others: [...new Set(others)].filter((owner) => owner !== main) };
}

/** All of them, to be looked at. */
export const everyOwner = ({ main, others }: TlsaOwners): readonly Domain[] => [main, ...others];
