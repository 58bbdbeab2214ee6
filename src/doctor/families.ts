import type { CheckId } from "./checks.ts";
import type { DomainTarget, HostTarget, OwnTarget, Probe, Service } from "./probe.ts";
import { authorities } from "./probes/authorities.ts";
import { bimi } from "./probes/bimi.ts";
import { addressLists, domainLists } from "./probes/blocklists.ts";
import { clientSetup } from "./probes/client-setup.ts";
import { dkim } from "./probes/dkim.ts";
import { dmarc } from "./probes/dmarc.ts";
import { mailboxDoor } from "./probes/mailbox-door.ts";
import { mailHosts } from "./probes/mail-hosts.ts";
import { mtaSts } from "./probes/mta-sts.ts";
import { operations } from "./probes/operations.ts";
import { publishedAddress } from "./probes/published-address.ts";
import { relayMatrix } from "./probes/relay-forms.ts";
import { renegotiation } from "./probes/renegotiation.ts";
import { reverseNameOf } from "./probes/reverse-name.ts";
import { signedZones } from "./probes/signed-zones.ts";
import { smuggling } from "./probes/smuggling.ts";
import { smtpBehaviour } from "./probes/smtp-behaviour.ts";
import { sourceName } from "./probes/source-name.ts";
import { spf } from "./probes/spf.ts";
import { starttlsInjection } from "./probes/starttls-injection.ts";
import { submissionDoor } from "./probes/submission.ts";
import { tlsReports } from "./probes/tls-reports.ts";
import { tlsKeyExchange, tlsSuites } from "./probes/tls-suites.ts";
import { tlsVersions } from "./probes/tls-versions.ts";
import { transport } from "./probes/transport.ts";

export const DOMAIN_PROBES: readonly Probe<DomainTarget>[] = [
  mailHosts,
  signedZones,
  authorities,
  clientSetup,
  domainLists,
  spf,
  dkim,
  dmarc,
  tlsReports,
  mtaSts,
  bimi,
];
export const ADDRESS_PROBES: readonly Probe<HostTarget>[] = [
  reverseNameOf,
  sourceName,
  publishedAddress,
  addressLists,
];
export const OWN_PROBES: readonly Probe<OwnTarget>[] = [operations];

const TLS_PROBES = [transport, tlsVersions, tlsSuites, tlsKeyExchange, renegotiation] as const;

const PROBES_OF: Readonly<Record<Service, readonly Probe<HostTarget>[]>> = {
  smtp: [starttlsInjection, smtpBehaviour, relayMatrix, smuggling],
  submission: [starttlsInjection, submissionDoor],
  submissions: [submissionDoor],
  imap: [starttlsInjection, mailboxDoor],
  imaps: [mailboxDoor],
  pop3: [starttlsInjection, mailboxDoor],
  pop3s: [mailboxDoor],
  web: [],
};

/** The visits a port gets; a light examination makes but one. */
export function hostProbes(service: Service, light = false): readonly Probe<HostTarget>[] {
  return light ? [transport] : [...TLS_PROBES, ...PROBES_OF[service]];
}

/** Every check some probe makes, with the probe, for the documentation and for the test that none is forgotten. */
export function probedChecks(): ReadonlyMap<CheckId, string> {
  const all = [
    ...DOMAIN_PROBES,
    ...ADDRESS_PROBES,
    ...TLS_PROBES,
    ...Object.values(PROBES_OF).flat(),
    ...OWN_PROBES,
  ];
  // Read from files, not by a visit.
  const read: readonly CheckId[] = ["postfix"];
  return new Map([
    // From all visits together.
    ["server-answers", "transport"] as const,
    ...read.map((check) => [check, "postfix-lint"] as const),
    ...all.flatMap(({ id, checks }) => checks.map((check) => [check, id] as const)),
  ]);
}
