import type { Domain } from "../base/domain-name.ts";
import type { Cidr } from "../base/ip.ts";
import type { OwnPolicy } from "../tls/mta-sts-own.ts";
import type { MailSettings } from "./mail-settings.ts";
import type { MetricFamily } from "./open-metrics.ts";

/** Something mail needs, and whether it is there. */
export type Readiness = { readonly name: string; readonly ok: boolean; readonly detail: string };

/** What the routes may ask of the server. */
export type WebRooms = {
  readonly settings: MailSettings;
  /** Do we have mail for this domain? Of addresses nobody here is asked. */
  isOurs(domain: Domain): Promise<boolean>;
  /** The policy other servers follow when they send to domains of ours. */
  readonly policy: OwnPolicy;
  /** `https://mail.example.org`, where the certificate is always right. */
  readonly origin: string;
  /** Who may see figures, beside this machine itself. */
  readonly watchers: readonly Cidr[];
  readiness(): Promise<readonly Readiness[]>;
  families(): Promise<readonly MetricFamily[]>;
};
