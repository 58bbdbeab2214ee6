import { isAtOrBelow, type Domain } from "../../base/domain-name.ts";
import { cidrContains, type Cidr, type IpAddress } from "../../base/ip.ts";
import type { ArcResult, DmarcResult, OverrideType } from "../results.ts";

export type PolicyOverride = { readonly type: OverrideType; readonly comment: string };

/** Whom this server believes. */
export type TrustedForwarders = {
  readonly networks: readonly Cidr[];
  /** Confirmed client names at or below these. */
  readonly names: readonly Domain[];
  /** Domains whose ARC seals count. */
  readonly sealers: readonly Domain[];
};

export type OverrideFacts = {
  readonly dmarc: DmarcResult;
} & PathFacts;

/** The way a message came. */
export type PathFacts = {
  readonly arc: ArcResult;
  readonly client: IpAddress;
  /** The client's name, confirmed forwards. */
  readonly clientName?: Domain;
  /** The message has List-Id or List-Post. */
  readonly isFromList: boolean;
  /** What dmarc came to at the first of the trusted intermediaries the message came through (`arc/arrived.ts`). */
  readonly arrivedWith?: string;
};

/** Is a DMARC that failed, or that the DNS did not decide, forgiven, and why? */
export function findOverride(facts: OverrideFacts, trusted: TrustedForwarders): PolicyOverride | undefined {
  const { dmarc } = facts;
  const isProven = dmarc.result !== "fail" && dmarc.result !== "temperror";
  if (isProven || dmarc.requested === "none") return testMode(dmarc);
  return trustedPath(facts, trusted) ?? testMode(dmarc);
}

/**
 * Did the message come by somebody who may change or send on what others wrote? A forwarder by its address or confirmed name; a
 * chain counts only with a seal of a trusted domain, and only if the message passed before the forwarder changed it. RFC 8617 §7.2; C-25
 */
export function trustedPath(facts: PathFacts, trusted: TrustedForwarders): PolicyOverride | undefined {
  const { client, clientName } = facts;
  if (trusted.networks.some((network) => cidrContains(network, client)))
    return { type: "trusted_forwarder", comment: `address ${client.text}` };
  if (clientName !== undefined && trusted.names.some((name) => isAtOrBelow(clientName, name)))
    return { type: "trusted_forwarder", comment: `name ${clientName}` };
  return sealed(facts, trusted);
}

function sealed(
  { arc, arrivedWith, isFromList }: PathFacts,
  trusted: TrustedForwarders,
): PolicyOverride | undefined {
  const sealer = trusted.sealers.find((domain) => domain === arc.sealer);
  if (arc.result !== "pass" || sealer === undefined || arrivedWith !== "pass") return undefined;
  // RFC 8617 §7.2.2
  const comment = `arc=pass as[${arc.instances}].d=${sealer}`;
  return { type: isFromList ? "mailing_list" : "local_policy", comment };
}

/** t=y lowered what the record says. */
const testMode = ({ result, published, requested }: DmarcResult): PolicyOverride | undefined =>
  result === "fail" && published !== undefined && published !== requested
    ? { type: "policy_test_mode", comment: "t=y" }
    : undefined;
