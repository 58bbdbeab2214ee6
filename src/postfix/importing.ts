import type { Cidr } from "../base/ip.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Secret } from "../base/secret.ts";
import type { PostfixConfiguration } from "./configuration.ts";

/** What became of one setting. `default`: it says what both servers do anyway, or what has no meaning here. */
export type Outcome = "carried-over" | "changed-for-safety" | "not-carried-over" | "default";
export type ReportLine = {
  /** Name of the setting, of the table entry, or the words that are no setting. */
  readonly setting: string;
  /** `main.cf`, `master.cf`, or the table. */
  readonly file: string;
  /** 0: the setting is not in the file, its default was looked at. */
  readonly line: number;
  readonly outcome: Outcome;
  /** What it is here; empty where it is nothing. */
  readonly words: string;
  readonly reason: string;
};

/** Settings of wachpost.toml by their full name, `limits.message_size_octets`. */
export type SettingValue = string | number | boolean | readonly string[];

export type ImportedDomain = { readonly name: Domain; readonly from: string };
export type ImportedAccount = {
  readonly login: string;
  /** Of dovecot's passwd-file: good for one login, then replaced by ours. */
  readonly hash?: { readonly scheme: string; readonly text: Secret };
  /** Why its hash stayed behind. */
  readonly withoutHash?: string;
};
export type ImportedAddress = {
  /** `name@domain`, or `@domain` for everything else there. */
  readonly address: string;
  readonly targets: readonly string[];
};
export type ImportedTransport = {
  readonly domain: string;
  readonly kind: "smtp" | "lmtp";
  readonly host: string;
  readonly port: number;
  readonly tls: "none" | "opportunistic" | "encrypt" | "verify" | "implicit";
  readonly user?: string;
  readonly password?: Secret;
};
/** A restriction list or class in Postfix's words: as it stood, and as it can run here. */
export type ImportedList = {
  readonly name: string;
  readonly verbatim: string;
  readonly rules: readonly string[];
  /** Names of `tables` the rules use. */
  readonly tables: readonly string[];
};
export type ImportedTable = {
  readonly name: string;
  /** `hash:/etc/postfix/client_checks` */
  readonly reference: string;
  readonly format: "indexed" | "cidr" | "pattern";
  /** Absent where the file is not there or no text. */
  readonly text?: string;
};
export type ImportedPolicy = {
  readonly networks: readonly string[];
  readonly lists: readonly ImportedList[];
  readonly classes: readonly ImportedList[];
  readonly tables: readonly ImportedTable[];
  /** Weighted DNS lists of postscreen, `zone=filter*weight`, without the dead. */
  readonly sites: readonly string[];
  readonly threshold?: number;
};

/** Where the parts of an import put what they find. */
export type Importing = {
  readonly postfix: PostfixConfiguration;
  readonly settings: Map<string, SettingValue>;
  readonly report: ReportLine[];
  /** Settings of main.cf that have their line. */
  readonly noted: Set<string>;
  readonly domains: Map<Domain, ImportedDomain>;
  readonly accounts: Map<string, ImportedAccount>;
  readonly addresses: Map<string, ImportedAddress>;
  readonly transports: ImportedTransport[];
};

export type Note = readonly [outcome: Outcome, words: string, reason: string];

/** Gives a setting its line in the report; of several notes all stand. A setting that is not in the file has none, unless something was made of its default. */
export function note(importing: Importing, setting: string, [outcome, words, reason]: Note): void {
  const line = importing.postfix.setting(setting)?.line ?? 0;
  if (line === 0 && outcome === "default") return;
  importing.noted.add(setting);
  importing.report.push({ setting, file: "main.cf", line, outcome, words, reason });
}

export function noteEntry(
  importing: Importing,
  place: { readonly setting: string; readonly file: string; readonly line: number },
  [outcome, words, reason]: Note,
): void {
  importing.report.push({ ...place, outcome, words, reason });
}

/** `192.0.2.0/24` */
export const formatCidr = ({ address, prefix_bits }: Cidr): string => `${address.text}/${prefix_bits}`;

/** Text of a template, not a value: `{{ fqdn }}`, `{% if %}`, `_MAIL_HOSTNAME_`, `<name>`. */
export const isTemplate = (text: string): boolean => /\{\{|\{%|%\}|\}\}|^_[A-Z0-9_]+_$|<[a-z-]+>/.test(text);
