import { OperatorError } from "../base/operator-error.ts";
import type { Config } from "../config/schema.ts";
import { DEFAULT_POLICY } from "./defaults.ts";
import {
  LIST_STAGES,
  readPolicy,
  type PlacedText,
  type PolicyTexts,
  type ReadPolicy,
} from "./policy-lists.ts";
import { networksOf } from "./settings.ts";

/** The rules of the configuration; the defaults where it names none. */
export function policyOf({ policy }: Config): ReadPolicy {
  const own = (text: string | undefined, standard: PlacedText | undefined): PlacedText | undefined =>
    text === undefined ? standard : { text };
  const lists = {
    banner: own(policy.banner, DEFAULT_POLICY.banner),
    client: own(policy.client, DEFAULT_POLICY.client),
    helo: own(policy.helo, DEFAULT_POLICY.helo),
    sender: own(policy.sender, DEFAULT_POLICY.sender),
    relay: own(policy.relay, DEFAULT_POLICY.relay),
    recipient: own(policy.recipient, DEFAULT_POLICY.recipient),
    data: own(policy.data, DEFAULT_POLICY.data),
    endOfData: own(policy.end_of_data, DEFAULT_POLICY.endOfData),
    sites: own(policy.dnsbl_sites, DEFAULT_POLICY.sites),
  };
  const texts = Object.fromEntries(Object.entries(lists).filter(([, placed]) => placed !== undefined));
  const classes = Object.fromEntries(Object.entries(policy.classes).map(([name, text]) => [name, { text }]));
  const networks = networksOf(policy.mynetworks.join(" "));
  const read = readPolicy({ ...(texts as PolicyTexts), classes, settings: { networks } });
  // Nobody has to be told about rules that he did not write.
  const findings = read.findings.filter(({ list }) => {
    const key = settingOf(list);
    return key.startsWith("classes.") || policy[key as keyof typeof policy] !== undefined;
  });
  return { ...read, findings };
}

/** The setting below `policy` that holds a list: `end_of_data`, `classes.NAME`. */
export function settingOf(list: string): string {
  if (list === "sites") return "dnsbl_sites";
  if (list === "endOfData") return "end_of_data";
  return list in LIST_STAGES ? list : `classes.${list}`;
}

/** Refuses to start with rules that are not what they look like. */
export function checkedPolicy(config: Config): ReadPolicy["lists"] {
  const { lists, findings } = policyOf(config);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return lists;
  throw new OperatorError(
    "policy-invalid",
    errors.map(({ list, rule, message }) => `policy.${settingOf(list)}: ${rule} ${message}`).join("\n"),
    "`wachpost check` names every finding; the rules are explained in docs/policy.md.",
  );
}
