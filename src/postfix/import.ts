import { readConfiguration, type PostfixConfiguration } from "./configuration.ts";
import { importAccounts } from "./import-accounts.ts";
import { importAddresses } from "./import-addresses.ts";
import { importDomains } from "./import-domains.ts";
import { fateOf } from "./import-fates.ts";
import { importListeners } from "./import-listeners.ts";
import { importPolicy } from "./import-policy.ts";
import { importScalars } from "./import-scalars.ts";
import { importTransports } from "./import-transports.ts";
import {
  isTemplate,
  note,
  noteEntry,
  type ImportedAccount,
  type ImportedAddress,
  type ImportedDomain,
  type ImportedPolicy,
  type ImportedTransport,
  type Importing,
  type ReportLine,
  type SettingValue,
} from "./importing.ts";
import type { Setting } from "./main-cf.ts";
import type { Sources } from "./sources.ts";

/** What a Postfix becomes here, and what became of each of its settings. */
export type Imported = {
  /** Settings of wachpost.toml by their full name. */
  readonly settings: ReadonlyMap<string, SettingValue>;
  readonly domains: readonly ImportedDomain[];
  readonly accounts: readonly ImportedAccount[];
  readonly addresses: readonly ImportedAddress[];
  readonly transports: readonly ImportedTransport[];
  readonly policy: ImportedPolicy;
  /** At least one line for every setting of main.cf, in the order of the files. */
  readonly report: readonly ReportLine[];
};

/** Reads a Postfix from its files and says what it becomes; `undefined` where there is no main.cf. Pure, total. */
export function importPostfix(sources: Sources): Imported | undefined {
  const postfix = readConfiguration(sources);
  return postfix === undefined ? undefined : importConfiguration(postfix);
}

function importConfiguration(postfix: PostfixConfiguration): Imported {
  const importing: Importing = {
    postfix,
    settings: new Map(),
    report: [],
    noted: new Set(),
    domains: new Map(),
    accounts: new Map(),
    addresses: new Map(),
    transports: [],
  };
  importListeners(importing);
  importScalars(importing);
  importDomains(importing);
  importAccounts(importing);
  importAddresses(importing);
  importTransports(importing);
  const policy = importPolicy(importing);
  noteTheRest(importing);
  // An account's own address is no alias.
  const addresses = [...importing.addresses.values()].filter(
    ({ address }) => !importing.accounts.has(address),
  );
  return {
    settings: importing.settings,
    domains: [...importing.domains.values()],
    accounts: [...importing.accounts.values()],
    addresses,
    transports: importing.transports,
    policy,
    report: importing.report.toSorted(byPlace),
  };
}

const FILES = ["main.cf", "master.cf"];
const fileOrder = (file: string): number => (FILES.includes(file) ? FILES.indexOf(file) : FILES.length);
const byPlace = (a: ReportLine, b: ReportLine): number =>
  fileOrder(a.file) - fileOrder(b.file) || a.file.localeCompare(b.file) || a.line - b.line;

/** Every setting gets its line: what the parts left, what is set again later, and what is no setting. */
function noteTheRest(importing: Importing): void {
  const { main } = importing.postfix;
  for (const { line, message } of main.faults) {
    noteEntry(importing, { setting: "", file: "main.cf", line }, [
      "not-carried-over",
      "",
      `${message}: Postfix would not start with this line`,
    ]);
  }
  const overrides = importing.postfix.master?.services.flatMap((service) => service.overrides) ?? [];
  const mentioned = new Set([...main.settings, ...overrides].flatMap(namesIn));
  for (const setting of main.settings) {
    const last = main.last.get(setting.name);
    if (last !== setting) {
      noteEntry(importing, { setting: setting.name, file: "main.cf", line: setting.line }, [
        "not-carried-over",
        "",
        `set again in line ${last?.line}; the last one counts`,
      ]);
    } else if (!importing.noted.has(setting.name)) noteOne(importing, setting, mentioned);
  }
}

/** Names that a value refers to, its own left out. */
const namesIn = ({ name, value }: Setting): readonly string[] =>
  [...value.matchAll(/\$(?:[({][ \t]*([A-Za-z0-9_.-]+)|([A-Za-z0-9_]+))/g)]
    .map((found) => found[1] ?? found[2] ?? "")
    .filter((found) => found !== name);

function noteOne(importing: Importing, { name, value }: Setting, mentioned: ReadonlySet<string>): void {
  const fate = fateOf(name);
  if (name === "recipient_delimiter" && (value === "+" || value === "")) {
    note(importing, name, ["default", "", "name+detail@domain reaches name@domain, as here"]);
  } else if (mentioned.has(name)) {
    note(importing, name, fate ?? ["carried-over", "", "its text stands where other settings name it"]);
  } else if (fate !== undefined) {
    note(importing, name, value === "" && fate[0] === "not-carried-over" ? ["default", "", "empty"] : fate);
  } else if (isTemplate(value)) {
    note(importing, name, ["not-carried-over", "", "belongs to a template"]);
  } else {
    note(importing, name, ["not-carried-over", "", "not a setting this import knows; nothing else names it"]);
  }
}
