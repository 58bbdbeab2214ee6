import { check } from "./check.ts";

export const DNS_CHECKS = {
  "mx-exists": check("dns", "Mail hosts are named", "Mailserver sind benannt", "RFC 5321 §5.1, RFC 7505"),
  "mx-no-alias": check(
    "dns",
    "Mail hosts are no aliases",
    "Mailserver sind keine Aliasse",
    "RFC 2181 §10.3, RFC 5321 §5.1",
  ),
  "mx-address": check("dns", "Mail hosts have addresses", "Mailserver haben Adressen", "RFC 5321 §5.1"),
  "mx-public": check(
    "dns",
    "Addresses are reachable from the Internet",
    "Adressen sind aus dem Internet erreichbar",
    "RFC 6890",
  ),
  "mx-ours": check("dns", "Mail comes to this server", "Mail kommt zu diesem Server", "RFC 5321 §5.1"),
  "mx-ipv6": check(
    "dns",
    "Mail hosts have IPv6 addresses",
    "Mailserver haben IPv6-Adressen",
    "G-34",
    "IPv6-3",
  ),
  "ns-count": check("dns", "At least two name servers", "Mindestens zwei Nameserver", "RFC 2182 §5"),
  "ns-ipv6": check(
    "dns",
    "Name servers have IPv6 addresses",
    "Nameserver haben IPv6-Adressen",
    "G-33",
    "IPv6-1",
  ),
  "dnssec-domain": check(
    "dns",
    "The domain is signed (DNSSEC)",
    "Die Domain ist signiert (DNSSEC)",
    "RFC 4035, G-35",
    "DNSSEC-1, DNSSEC-2",
  ),
  "dnssec-mx": check(
    "dns",
    "The names of the mail hosts are signed",
    "Die Namen der Mailserver sind signiert",
    "RFC 7672 §2.2, G-36",
    "DNSSEC-3, DNSSEC-4",
  ),
  caa: check(
    "dns",
    "CAA says who may issue certificates",
    "CAA sagt, wer Zertifikate ausstellen darf",
    "RFC 8659, G-48",
    "CAA-1",
  ),
  "ptr-exists": check(
    "dns",
    "The address has a name",
    "Die Adresse hat einen Namen",
    "RFC 1912 §2.1, Google and T-Online sender rules",
  ),
  "ptr-confirmed": check(
    "dns",
    "That name leads back to the address",
    "Dieser Name führt zur Adresse zurück",
    "RFC 8601 §2.7.3, G-32",
  ),
} as const;
