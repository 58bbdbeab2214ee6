import { isAtOrBelow, type Domain } from "../base/domain-name.ts";
import { Secret } from "../base/secret.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";
import { servedZone } from "../dns/authoritative.ts";
import { dnsClient } from "../dns/client.ts";
import { serverOf } from "../dns/configured.ts";
import { dynamicZones, type ZoneProvider } from "../dns/update-client.ts";
import { updateSecretFile } from "./configuration-text.ts";
import type { Job } from "./job.ts";
import { readText } from "./machine-files.ts";
import { asUser } from "./machine-users.ts";

/** Who changes our zones; undefined where the operator does it by hand, or has not given the secret yet. */
export async function zoneProvider(job: Job): Promise<ZoneProvider | undefined> {
  const { dnsUpdate, data } = job.answers;
  if (dnsUpdate === undefined) return undefined;
  const secret = job.updateSecret ?? (await keptSecret(job, data));
  if (secret === undefined) return undefined;
  const key = { name: dnsUpdate.key as Domain, algorithm: dnsUpdate.algorithm, secret };
  return dynamicZones({ server: serverOf(dnsUpdate.server), key }, job.clock);
}

async function keptSecret(job: Job, data: string): Promise<Secret | undefined> {
  const kept = await asUser(await job.owner(), () => readText(updateSecretFile(data)));
  return kept === undefined ? undefined : new Secret(kept.trim());
}

/**
 * The DNS as each authoritative server of our domain tells it, without anybody's memory: a resolver that has once heard
 * that a name does not exist goes on saying so for an hour. Where no such server is found, the resolver alone.
 */
export async function authoritativeViews(job: Job): Promise<readonly Dns[]> {
  const { domain, authoritativePort } = job.answers;
  const served = await servedZone(domain, job.net.dns, authoritativePort);
  const rest = await withReverseZone(job);
  if (served === undefined || served.servers.length === 0) return [rest];
  return served.servers.map((server) => {
    const direct = dnsClient([server]);
    return route((name) => (isAtOrBelow(name, served.zone) ? direct : rest));
  });
}

/** Where our update server has the reverse zone of our addresses, it is asked; else the resolver. */
async function withReverseZone(job: Job): Promise<Dns> {
  const { dnsUpdate } = job.answers;
  if (dnsUpdate === undefined) return job.net.dns;
  const primary = dnsClient([serverOf(dnsUpdate.server)]);
  const provider = await zoneProvider(job);
  return {
    async query(name, type, signal) {
      const isReverse = name.endsWith(".arpa") && (await provider?.zoneOf(name)) !== undefined;
      return await (isReverse ? primary : job.net.dns).query(name, type, signal);
    },
  };
}

const route = (choose: (name: Domain) => Dns): Dns => ({
  query: <T extends RecordType>(
    name: Domain,
    type: T,
    signal?: AbortSignal,
  ): Promise<DnsAnswer<RecordData[T]>> => choose(name).query(name, type, signal),
});
