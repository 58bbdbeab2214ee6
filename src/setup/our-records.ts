import { signingRecords } from "../accounts/signing-keys.ts";
import type { Domain } from "../base/domain-name.ts";
import { loadConfig } from "../config/load.ts";
import { compareAll, type Compared } from "../doctor/compare.ts";
import { ownPolicyOf } from "../doctor/own-policy.ts";
import { publicSources } from "../doctor/sources.ts";
import { publishedRecords, type DomainFacts, type PublishedRecord } from "../doctor/published.ts";
import { ownIssuer } from "../tls/own-issuer.ts";
import { LETS_ENCRYPT } from "./configuration-text.ts";
import type { Job } from "./job.ts";
import { authoritativeViews } from "./our-zones.ts";

/** Every record that is to be published and whose data are known. */
export async function ourRecords(job: Job): Promise<readonly PublishedRecord[]> {
  const records = publishedRecords(await factsOf(job));
  return records.filter(({ purpose, data }) => data !== "" && isOurs(purpose, job));
}

/** MTA-STS needs a web page as well; CAA would shut out any other authority than the one that is used. */
const isOurs = (purpose: PublishedRecord["purpose"], { answers: { acme } }: Job): boolean =>
  purpose !== "mta-sts" && (purpose !== "caa" || acme?.directory === LETS_ENCRYPT);

async function factsOf(job: Job): Promise<DomainFacts> {
  const { domain, hostName, publicAddresses } = job.answers;
  const config = await loadConfig(job.answers.config);
  const { submissions, imaps, web } = config.listeners;
  const keys = await job.withStore(async (managing) => {
    const found = await signingRecords(managing, domain);
    return found.ok ? found.value : [];
  });
  return {
    domain,
    hostName: hostName as Domain,
    addresses: publicAddresses,
    sources: publicSources(config),
    keys,
    ports: {
      ...(submissions.enabled ? { submissions: submissions.port } : {}),
      ...(imaps.enabled ? { imaps: imaps.port } : {}),
    },
    issuer: await ownIssuer(config),
    ...(web.enabled ? { web: { port: web.port, policyId: ownPolicyOf(config).id } } : {}),
  };
}

const BADNESS = { ok: 0, unknown: 1, different: 2, missing: 3 } as const;

/** The state of each on the server that has the worst to tell. */
export async function comparedRecords(job: Job): Promise<readonly Compared[]> {
  const records = await ourRecords(job);
  const facts = await factsOf(job);
  const views = await authoritativeViews(job);
  const all = await Promise.all(views.map((view) => compareAll(records, facts, view, job.clock)));
  const known = all.filter((one) => one.some(({ state }) => state !== "unknown"));
  const [first = [], ...others] = known.length > 0 ? known : all;
  return first.map((one, at) =>
    others.reduce((worst, other) => {
      const there = other[at] ?? worst;
      return BADNESS[there.state] > BADNESS[worst.state] ? there : worst;
    }, one),
  );
}
