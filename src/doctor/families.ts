import type { CheckId } from "./checks.ts";
import type { DomainTarget, HostTarget, OwnTarget, Probe, Service } from "./probe.ts";
import { dkim } from "./probes/dkim.ts";
import { dmarc } from "./probes/dmarc.ts";
import { mailHosts } from "./probes/mail-hosts.ts";
import { operations } from "./probes/operations.ts";
import { reverseNameOf } from "./probes/reverse-name.ts";
import { signedZones } from "./probes/signed-zones.ts";
import { smtpBehaviour } from "./probes/smtp-behaviour.ts";
import { spf } from "./probes/spf.ts";
import { submissionDoor } from "./probes/submission.ts";
import { tlsReports } from "./probes/tls-reports.ts";
import { tlsKeyExchange, tlsSuites } from "./probes/tls-suites.ts";
import { tlsVersions } from "./probes/tls-versions.ts";
import { transport } from "./probes/transport.ts";

export const DOMAIN_PROBES: readonly Probe<DomainTarget>[] = [
  mailHosts,
  signedZones,
  spf,
  dkim,
  dmarc,
  tlsReports,
];
export const ADDRESS_PROBES: readonly Probe<HostTarget>[] = [reverseNameOf];
export const OWN_PROBES: readonly Probe<OwnTarget>[] = [operations];

const TLS_PROBES = [transport, tlsVersions, tlsSuites, tlsKeyExchange] as const;

/** The visits a port gets, each one connection (the submission door with STARTTLS two). */
export function hostProbes(service: Service): readonly Probe<HostTarget>[] {
  if (service === "smtp") return [...TLS_PROBES, smtpBehaviour];
  return service === "submission" || service === "submissions" ? [...TLS_PROBES, submissionDoor] : TLS_PROBES;
}

/** Every check some probe makes, with the probe, for the documentation and for the test that none is forgotten. */
export function probedChecks(): ReadonlyMap<CheckId, string> {
  const all = [
    ...DOMAIN_PROBES,
    ...ADDRESS_PROBES,
    ...TLS_PROBES,
    submissionDoor,
    smtpBehaviour,
    ...OWN_PROBES,
  ];
  return new Map(all.flatMap(({ id, checks }) => checks.map((check) => [check, id] as const)));
}
