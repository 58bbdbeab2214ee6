import type { Domain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import { reverseName } from "../dns/reverse.ts";
import { characterStrings } from "../authentication/dkim/key-pair.ts";
import { strictIssue } from "../tls/caa.ts";
import type { OwnIssuer } from "../tls/own-issuer.ts";
import { tlsaOfKey } from "../tls/tlsa-key.ts";
import type { ExpectedKey } from "./probe.ts";
import type { DnsAdvice } from "./words/dns-advice.ts";

export type PublishedType = "MX" | "A" | "AAAA" | "PTR" | "TXT" | "SRV" | "CAA" | "CNAME" | "TLSA";

/** A record a domain of ours should have. */
export type PublishedRecord = {
  readonly name: Domain;
  readonly type: PublishedType;
  /** As in a zone file; empty where only the operator knows it (an address). */
  readonly data: string;
  /** Without an advised record mail works; with it, better. */
  readonly need: "needed" | "advised";
  readonly purpose: DnsAdvice;
};

export type DomainFacts = {
  readonly domain: Domain;
  readonly hostName: Domain;
  /** Public addresses of the host, as far as they are known. */
  readonly addresses: readonly string[];
  /** Public addresses that mail is configured to leave from. */
  readonly sources?: readonly string[];
  readonly keys: readonly ExpectedKey[];
  readonly ports: { readonly submissions?: number; readonly imaps?: number };
  /** Digests of our keys, and the names their records stand at; RFC 7671 §8.1. */
  readonly tlsa?: {
    readonly owners: readonly Domain[];
    readonly current: string | undefined;
    readonly next: string | undefined;
  };
  /** Who issues our certificates; absent without an account there. */
  readonly issuer?: OwnIssuer | undefined;
  /** The web door, where it is open. */
  readonly web?: { readonly port: number; readonly policyId: string };
};

/** What SPF says besides `mx`: addresses mail leaves from that take none. */
function sendersOf({ addresses, sources = [] }: DomainFacts): string {
  const known = addresses.map((address) => parseIp(address)?.text);
  return sources
    .filter((address) => !known.includes(address))
    .map((address) => `ip${address.includes(":") ? "6" : "4"}:${address} `)
    .join("");
}

/** All records, in the order of a zone file. RFC 5321 §5.1, 7208, 6376, 9989, 8460, 8461, 6186, 8659 */
export function publishedRecords(facts: DomainFacts): readonly PublishedRecord[] {
  const { domain, hostName, keys } = facts;
  const text = (name: string, value: string, need: PublishedRecord["need"], purpose: DnsAdvice) =>
    ({ name: name as Domain, type: "TXT", data: quoted(value), need, purpose }) as const;
  return [
    { name: domain, type: "MX", data: `10 ${hostName}.`, need: "needed", purpose: "mx" },
    ...addressRecords(facts),
    text(domain, `v=spf1 mx ${sendersOf(facts)}-all`, "needed", "spf"),
    ...(hostName === domain
      ? []
      : [text(hostName, `v=spf1 a ${sendersOf(facts)}-all`, "advised", "spf-host")]),
    ...keys.map((key) => text(key.name, key.text, "needed", "dkim")),
    text(`_dmarc.${domain}`, `v=DMARC1; p=none; rua=mailto:postmaster@${domain}`, "needed", "dmarc"),
    text(`_smtp._tls.${domain}`, `v=TLSRPTv1; rua=mailto:postmaster@${domain}`, "advised", "tlsrpt"),
    ...services(facts),
    ...keyRecords(facts),
    ...issuance(facts),
    ...(facts.web === undefined
      ? [text(`_mta-sts.${domain}`, "v=STSv1; id=1", "advised", "mta-sts")]
      : [
          ...WEB_NAMES.map((label): PublishedRecord => ({
            name: `${label}.${domain}` as Domain,
            type: "CNAME",
            data: `${hostName}.`,
            need: "advised",
            purpose: "web-name",
          })),
          text(`_mta-sts.${domain}`, `v=STSv1; id=${facts.web.policyId}`, "advised", "mta-sts-id"),
        ]),
  ];
}

/** Asked by other servers, by most mail programs, by Outlook. */
const WEB_NAMES = ["mta-sts", "autoconfig", "autodiscover"] as const;

function addressRecords({ hostName, addresses }: DomainFacts): readonly PublishedRecord[] {
  const known = addresses.flatMap((address) => parseIp(address) ?? []);
  const host = (type: "A" | "AAAA", data: string): PublishedRecord => ({
    name: hostName,
    type,
    data,
    need: type === "A" ? "needed" : "advised",
    purpose: type === "A" ? "address" : "ipv6",
  });
  const [four, six] = [
    known.filter(({ family }) => family === 4),
    known.filter(({ family }) => family === 6),
  ];
  return [
    ...(four.length > 0 ? four.map(({ text }) => host("A", text)) : [host("A", "")]),
    ...(six.length > 0 ? six.map(({ text }) => host("AAAA", text)) : [host("AAAA", "")]),
    ...known.map((ip): PublishedRecord => ({
      name: reverseName(ip),
      type: "PTR",
      data: `${hostName}.`,
      need: "needed",
      purpose: "ptr",
    })),
  ];
}

/** Where mail programs find the server. RFC 6186 §3, RFC 8314 §5.1 */
function services({ domain, hostName, ports, web }: DomainFacts): readonly PublishedRecord[] {
  const service = (label: string, port: number | undefined): readonly PublishedRecord[] =>
    port === undefined
      ? []
      : [
          {
            name: `${label}._tcp.${domain}` as Domain,
            type: "SRV",
            data: `0 1 ${port} ${hostName}.`,
            need: "advised",
            purpose: "srv",
          },
        ];
  return [
    ...service("_submissions", ports.submissions),
    ...service("_imaps", ports.imaps),
    ...service("_autodiscover", web?.port),
  ];
}

function keyRecords({ tlsa }: DomainFacts): readonly PublishedRecord[] {
  const { owners = [], current, next } = tlsa ?? {};
  const record = (name: Domain, digest: string | undefined, purpose: DnsAdvice): PublishedRecord[] =>
    digest === undefined ? [] : [{ name, type: "TLSA", data: tlsaOfKey(digest), need: "advised", purpose }];
  return owners.flatMap((name) => [...record(name, current, "tlsa"), ...record(name, next, "tlsa-next")]);
}

/**
 * Who may issue. Strict at the name of the host only: the names of the web door are aliases of it, and certificates of the
 * domain itself may be others'. RFC 8659 §3, §4; RFC 8657, RFC 9495
 */
function issuance({ domain, hostName, issuer }: DomainFacts): readonly PublishedRecord[] {
  const record = (data: string, purpose: DnsAdvice): PublishedRecord => ({
    name: hostName,
    type: "CAA",
    data,
    need: "advised",
    purpose,
  });
  if (issuer?.identity === undefined || hostName === domain)
    return [record('0 issue "letsencrypt.org"', "caa")];
  const nobody = issuer.wildcards ? NOBODY.slice(1) : NOBODY;
  return [
    record(`0 issue "${strictIssue(issuer.identity, issuer.account)}"`, "caa-account"),
    ...nobody.map((tag) => record(`0 ${tag} ";"`, "caa-nobody")),
    record(`0 iodef "mailto:postmaster@${domain}"`, "caa-report"),
  ];
}

/** Certificates a mail host has no use for: with `*`, for addresses, for logos. */
const NOBODY = ["issuewild", "issuemail", "issuevmc"] as const;

const quoted = (text: string): string =>
  characterStrings(text)
    .map((piece) => `"${piece}"`)
    .join(" ");

/** What a quoted TXT value says. */
export const unquoted = (data: string): string => data.slice(1, -1).replaceAll('" "', "");

/** As a line of a zone file; what is only advised of MTA-STS, or not known, is a comment. RFC 1035 §5.1 */
export function zoneFileLine({ name, type, data, purpose }: PublishedRecord): string {
  const line = `${name}. ${type} ${data === "" ? "<address>" : data}`;
  return data === "" || purpose === "mta-sts" ? `; ${line}` : line;
}
