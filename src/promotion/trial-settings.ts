import { stringify } from "smol-toml";
import type { Config } from "../config/schema.ts";

/** Doors that are reached over TCP, in the order of the schema. */
export const DOORS = ["smtp", "submissions", "submission", "imaps", "imap", "pop3s", "web"] as const;
export type Door = (typeof DOORS)[number];

export const openDoors = ({ listeners }: Config): readonly Door[] =>
  DOORS.filter((door) => listeners[door].enabled);

/** Where a trial takes place. */
export type TrialPlace = {
  readonly data: string;
  readonly ports: Readonly<Partial<Record<Door, number>>>;
  /** PEM file of certificate and key, where the authority's certificate is to be served. */
  readonly served: string | undefined;
  /** Port of the name server that knows the trial's world. */
  readonly dnsPort: number;
};

/**
 * The settings under trial, in a place where they can hurt nobody: loopback ports, an empty data directory, a world of their
 * own in place of the DNS. Nothing leaves: no mail, no report, no alert, no backup, no order at an authority.
 */
export function trialSettings(config: Config, { data, ports, served, dnsPort }: TrialPlace): Config {
  const { tls, listeners, log } = config;
  const { acme, ...files } = tls;
  return {
    ...config,
    data,
    listeners: { ...listeners, ...doorsOn(config, ports), lmtp: { ...listeners.lmtp, path: "lmtp.sock" } },
    tls: {
      ...files,
      ...(served === undefined ? {} : { certificate: served, key: served }),
      acme: { ...acme, enabled: false },
    },
    dns: { ...config.dns, servers: [`127.0.0.1:${dnsPort}`], update: undefined },
    outbound: { ...config.outbound, transports: [], local_address: undefined },
    alerts: { ...config.alerts, mail_enabled: false, mail: undefined, webhook: undefined, ping: undefined },
    doctor: { ...config.doctor, enabled: false, attack: false, canary: false },
    backup: {
      ...config.backup,
      directory: undefined,
      key_file: undefined,
      passphrase_file: undefined,
    },
    reports: { ...config.reports, enabled: false, from: undefined },
    log: { level: log.level },
  };
}

/** The trial speaks for a stranger by XCLIENT; no proxy stands before it. */
function doorsOn({ listeners }: Config, ports: TrialPlace["ports"]): Pick<Config["listeners"], Door> {
  const here = <Of extends Config["listeners"][Door]>(listener: Of, port: number | undefined): Of => ({
    ...listener,
    addresses: ["127.0.0.1"],
    port: port ?? listener.port,
    proxy_from: [],
  });
  return {
    smtp: { ...here(listeners.smtp, ports.smtp), xclient_from: ["127.0.0.1"] },
    submissions: here(listeners.submissions, ports.submissions),
    submission: here(listeners.submission, ports.submission),
    imaps: here(listeners.imaps, ports.imaps),
    imap: here(listeners.imap, ports.imap),
    pop3s: here(listeners.pop3s, ports.pop3s),
    web: here(listeners.web, ports.web),
  };
}

/** As a `wachpost.toml`; what is undefined stands in none. */
export const settingsText = (config: Config): string =>
  stringify(JSON.parse(JSON.stringify(config)) as Record<string, unknown>);
