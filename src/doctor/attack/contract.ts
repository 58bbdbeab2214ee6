import type { Domain } from "../../base/domain-name.ts";
import type { Secret } from "../../base/secret.ts";
import type { CheckId } from "../checks.ts";
import type { Finding } from "../finding.ts";
import type { HostTarget, Net, Service } from "../probe.ts";

/** A mailbox of the attack's own: what it receives and sends hurts nobody. */
export type AttackAccount = { readonly login: string; readonly password: Secret };

/** Our own server, or one whose owner published a token. */
export type AttackTarget = {
  /** Doors that are open, one for each service. */
  readonly hosts: readonly HostTarget[];
  readonly domain: Domain | undefined;
  /** Without one, what needs a login is left out and said to be unknown. */
  readonly account?: AttackAccount;
};

/** What came of one case at one door. */
export type Outcome =
  | { readonly kind: "held"; readonly saw: string }
  | { readonly kind: "broken"; readonly saw: string }
  /** It could not be tried, or nobody knows how it ended. */
  | { readonly kind: "lost"; readonly saw: string };

export const held = (saw: string): Outcome => ({ kind: "held", saw });
export const broken = (saw: string): Outcome => ({ kind: "broken", saw });
export const lost = (saw: string): Outcome => ({ kind: "lost", saw });

/** What a case works with at one door. */
export type At = {
  readonly host: HostTarget;
  readonly net: Net;
  readonly domain: Domain;
  readonly target: AttackTarget;
  /** In everything that is sent, so that it is found and taken away again. */
  readonly token: string;
};
export type LoggedIn = At & { readonly account: AttackAccount };

/** One attack: what it tries at which doors. The same case at several doors has a finding for each. */
export type Attack = {
  readonly check: CheckId;
  readonly doors: readonly Service[];
  /** Once at the first of these doors that is open, instead of at each. */
  readonly once?: true;
  /** `slow` ones wait while the others go on; `heavy` ones cost the server some work. A light attack leaves both out. */
  readonly weight: "light" | "heavy" | "slow";
} & (
  | { readonly needs: "nothing"; run(at: At): Promise<Outcome> }
  | { readonly needs: "account"; run(at: LoggedIn): Promise<Outcome> }
);

/** What the doctor asks anyway, for an attack at the same doors; only these of its checks. */
export type Visits = {
  readonly id: string;
  readonly doors: readonly Service[];
  readonly once?: true;
  readonly checks: readonly CheckId[];
  run(host: HostTarget, net: Net): Promise<readonly Finding[]>;
};
