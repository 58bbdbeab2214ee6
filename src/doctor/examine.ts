import { CHECKS, checkOf, type CheckId, type Family } from "./checks.ts";
import { ADDRESS_PROBES, DOMAIN_PROBES, hostProbes, OWN_PROBES } from "./families.ts";
import { dueTo, failure, fine, unknown, type Finding } from "./finding.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import { netUntil } from "./net-until.ts";
import type { DomainTarget, HostTarget, Net, OwnTarget, Probe } from "./probe.ts";
import { placeOf } from "./probes/open-tls.ts";
import { seen } from "./words/seen.ts";
import { subjectsText } from "./subjects.ts";

/** Everything that is to be looked at. */
export type Plan = {
  readonly domains: readonly DomainTarget[];
  /** Addresses whose names are looked up. */
  readonly addresses: readonly HostTarget[];
  /** Ports that are visited. */
  readonly hosts: readonly HostTarget[];
  readonly own?: OwnTarget;
  /** The server only tries itself out: what it cannot have is expected. */
  readonly trial?: boolean;
  /** Only what is cheap and changes: no visit to a port but one handshake. */
  readonly light?: boolean;
  /** Families of checks that are wanted; absent: all. */
  readonly only?: readonly Family[];
  /** What is known to be left out. */
  readonly leftOut: readonly Finding[];
};

/** Runs every probe of a plan in turn; `progress` hears what is looked at. Strangers get a pause between visits. */
export async function examine(
  plan: Plan,
  net: Net,
  progress: (what: string) => void = () => {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const isWanted = (check: CheckId): boolean => plan.only?.includes(checkOf(check).family) ?? true;
  const wanted = <Target>(probes: readonly Probe<Target>[]): readonly Probe<Target>[] =>
    probes.filter(({ checks }) => checks.some(isWanted));
  for (const target of plan.domains) {
    progress(target.domain);
    let gone: Finding | undefined;
    for (const probe of wanted(DOMAIN_PROBES)) {
      const found: readonly Finding[] =
        gone === undefined
          ? await runProbe(probe, target, target.domain, net)
          : unsaid(probe, target, target.domain, { reason: gone.check, cause: gone });
      findings.push(...found);
      // Below a name that does not exist there is nothing (RFC 8020), and nothing to publish.
      gone ??= found.find((one) => one.grade === "fail" && one.note === "domain-gone");
    }
  }
  for (const target of plan.addresses) {
    for (const probe of wanted(ADDRESS_PROBES))
      findings.push(...(await runProbe(probe, target, target.address, net)));
  }
  let visited = false;
  for (const target of plan.hosts) {
    const place = `${target.name}:${target.port}`;
    let closed: Finding | undefined;
    for (const probe of wanted(hostProbes(target.service, plan.light === true || target.again === true))) {
      if (!probe.checks.some((check) => probe.applies?.(check, target) ?? true)) continue;
      if (closed !== undefined) {
        findings.push(...unsaid(probe, target, place, { reason: closed.check, cause: closed }));
        continue;
      }
      if (visited && !target.ours) await net.clock.sleep(DOCTOR_LIMITS.pause_ms);
      visited = true;
      progress(`${place} ${probe.id}`);
      const found = await runProbe(probe, target, place, net);
      findings.push(...found);
      // Who does not answer at all is not knocked at a dozen times more.
      closed = found.find(({ check, grade }) => check === "reachable" && grade !== "ok");
    }
  }
  if (plan.own !== undefined) {
    for (const probe of wanted(OWN_PROBES))
      findings.push(...(await runProbe(probe, plan.own, plan.own.hostName, net)));
  }
  return inOrder([...withHeadline(findings, plan), ...plan.leftOut].filter(({ check }) => isWanted(check)));
}

/** One probe with its deadline; what it did not say is unknown, whatever the reason. */
export async function runProbe<Target>(
  probe: Probe<Target>,
  target: Target,
  subject: string,
  net: Net,
  deadline_ms: number = DOCTOR_LIMITS.probe_ms,
): Promise<readonly Finding[]> {
  const over = new AbortController();
  const deadline = net.clock.sleep(deadline_ms, over.signal).then(
    () => "no answer in time",
    () => "",
  );
  const outcome = await Promise.race([
    probe.run(target, netUntil(net, over.signal)).catch((error: unknown) => `probe failed: ${String(error)}`),
    deadline,
  ]);
  // Also ends whatever a probe that was given up still has under way.
  over.abort();
  const found = typeof outcome === "string" ? [] : outcome;
  // What stopped it: the first check that is not as it should be.
  const [cause] = found.filter(({ grade }) => grade === "fail" || grade === "unknown");
  const reason = typeof outcome === "string" ? outcome : (cause?.check ?? "no usable answer");
  const said = new Set(found.map(({ check }) => check));
  return [...found, ...unsaid(probe, target, subject, { reason, cause, said })];
}

type Silence = {
  readonly reason: string;
  readonly cause: Finding | undefined;
  readonly said?: ReadonlySet<CheckId>;
};

/** The checks of a probe that it did not make. */
function unsaid<Target>(
  { checks, applies }: Probe<Target>,
  target: Target,
  subject: string,
  { reason, cause, said }: Silence,
): readonly Finding[] {
  return checks
    .filter((check) => said?.has(check) !== true && (applies?.(check, target) ?? true))
    .map((check) => unknown(check, subject, "", "not-looked", { reason }))
    .map((finding) => (cause === undefined ? finding : dueTo(finding, cause)));
}

/** Where none of our doors answers, that is one finding, and all closed doors are its consequences. */
function withHeadline(findings: readonly Finding[], { own, hosts }: Plan): readonly Finding[] {
  if (own === undefined) return findings;
  const doors = new Set(hosts.filter((host) => host.ours && host.announced !== true).map(placeOf));
  const isDoor = ({ check, subject }: Finding): boolean => check === "reachable" && doors.has(subject);
  const looked = findings.filter(isDoor);
  const open = looked.filter(({ grade }) => grade === "ok");
  if (looked.length === 0) return findings;
  if (open.length > 0)
    return [
      fine(
        "server-answers",
        own.hostName,
        seen("doors", { open: String(open.length), count: String(looked.length) }),
      ),
      ...findings,
    ];
  const places = subjectsText([...doors]);
  const [first] = looked;
  const reason = (first !== undefined && "values" in first && first.values["reason"]) || "";
  const headline = failure("server-answers", own.hostName, places, "server-silent", { places, reason });
  return [
    headline,
    ...findings.map((finding) =>
      isDoor(finding) || (finding.because?.check === "reachable" && doors.has(finding.because.subject))
        ? dueTo(finding, headline)
        : finding,
    ),
  ];
}

/** By family and check as in the table of checks; what one check said stays in its order. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const rank = new Map(Object.keys(CHECKS).map((id, at) => [id, at]));
  return [...findings].sort((one, other) => (rank.get(one.check) ?? 0) - (rank.get(other.check) ?? 0));
}
