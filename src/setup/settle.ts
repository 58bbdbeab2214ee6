import type { Domain } from "../base/domain-name.ts";
import { LETS_ENCRYPT } from "./configuration-text.ts";
import type { Answers, PortName } from "./answers.ts";
import type { SetupState } from "./state.ts";

/** What the command line said; everything may be missing. */
export type Wishes = {
  readonly hostName?: string;
  readonly config?: string;
  readonly account?: string;
  readonly user?: string;
  /** `none`: no unit. */
  readonly unit?: string;
  readonly publicAddresses: readonly string[];
  readonly listen: readonly string[];
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
  readonly dnsServers: readonly string[];
  /** `none`: an authority of our own. */
  readonly acmeDirectory?: string;
  readonly acmeCaFile?: string;
  readonly challenge?: "http-01" | "dns-01";
  readonly dnsUpdate?: NonNullable<Answers["dnsUpdate"]>;
  readonly authoritativePort?: number;
  readonly trust?: string;
};

/** What this machine suggests. */
export type Surroundings = {
  readonly root: boolean;
  readonly systemd: boolean;
  /** Name of the person at the keyboard, if it is one. */
  readonly person: string | undefined;
  readonly publicAddresses: readonly string[];
};

export const UNIT_FILE = "/etc/systemd/system/wachpost.service";
export const CONFIG_FILE = "/etc/wachpost/wachpost.toml";
const SERVICE_USER = "wachpost";

/** A wish of now goes before the answer of then, and that before what the machine suggests. */
export function settle(
  domain: Domain,
  data: string,
  wishes: Wishes,
  earlier: SetupState["answers"] | undefined,
  around: Surroundings,
): Answers {
  const user = wishes.user ?? earlier?.user ?? (around.root ? SERVICE_USER : undefined);
  const unit =
    wishes.unit ??
    (earlier === undefined ? (around.root && around.systemd ? UNIT_FILE : "none") : (earlier.unit ?? "none"));
  const dnsUpdate = wishes.dnsUpdate ?? earlier?.dnsUpdate;
  const authoritativePort = wishes.authoritativePort ?? earlier?.authoritativePort;
  const trust = wishes.trust ?? earlier?.trust;
  const acme = acmeOf(wishes, earlier, dnsUpdate !== undefined);
  return {
    domain,
    data,
    hostName: wishes.hostName ?? earlier?.hostName ?? `mail.${domain}`,
    config: wishes.config ?? earlier?.config ?? CONFIG_FILE,
    account: wishes.account ?? earlier?.account ?? `${around.person ?? "admin"}@${domain}`,
    publicAddresses: [
      ...first(wishes.publicAddresses, earlier?.publicAddresses ?? [], around.publicAddresses),
    ],
    listen: [...first(wishes.listen, earlier?.listen ?? [])],
    ports: { ...earlier?.ports, ...wishes.ports },
    dnsServers: [...first(wishes.dnsServers, earlier?.dnsServers ?? [])],
    ...(user === undefined ? {} : { user }),
    ...(unit === "none" ? {} : { unit }),
    ...(acme === undefined ? {} : { acme }),
    ...(dnsUpdate === undefined ? {} : { dnsUpdate }),
    ...(authoritativePort === undefined ? {} : { authoritativePort }),
    ...(trust === undefined ? {} : { trust }),
  };
}

const first = (...lists: readonly (readonly string[])[]): readonly string[] =>
  lists.find((list) => list.length > 0) ?? [];

function acmeOf(
  { acmeDirectory, acmeCaFile, challenge }: Wishes,
  earlier: SetupState["answers"] | undefined,
  canUpdate: boolean,
): Answers["acme"] {
  const before = earlier?.acme;
  if (acmeDirectory === "none") return undefined;
  if (earlier !== undefined && before === undefined && acmeDirectory === undefined) return undefined;
  const caFile = acmeCaFile ?? before?.caFile;
  return {
    directory: acmeDirectory ?? before?.directory ?? LETS_ENCRYPT,
    challenge: challenge ?? before?.challenge ?? (canUpdate ? "dns-01" : "http-01"),
    ...(caFile === undefined ? {} : { caFile }),
  };
}
