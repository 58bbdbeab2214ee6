import { printable } from "../base/ascii.ts";
import { parseCidr } from "../base/ip.ts";
import type { Imported } from "./import.ts";
import type { ImportedList, Outcome, ReportLine } from "./importing.ts";

const OUTCOMES: readonly (readonly [outcome: Outcome, title: string])[] = [
  ["changed-for-safety", "Changed for safety"],
  ["not-carried-over", "Not carried over"],
  ["carried-over", "Carried over"],
  ["default", "Nothing to do"],
];

/** How many report lines of each outcome there are. */
export function countOutcomes(report: readonly ReportLine[]): Readonly<Record<Outcome, number>> {
  const counts = { "carried-over": 0, "changed-for-safety": 0, "not-carried-over": 0, default: 0 };
  for (const { outcome } of report) counts[outcome]++;
  return counts;
}

/** The report of an import for people: what matters first. */
export function renderReport(imported: Imported): string {
  const { domains, accounts, addresses, transports, policy, report } = imported;
  const counts = countOutcomes(report);
  const lines = [
    `${domains.length} domains, ${accounts.length} accounts, ${addresses.length} aliases, ${transports.length} next hops, ${policy.lists.length} restriction lists, ${policy.tables.length} tables.`,
    OUTCOMES.map(([outcome, title]) => `${title}: ${counts[outcome]}`).join(", "),
  ];
  for (const [outcome, title] of OUTCOMES) {
    const part = report.filter((line) => line.outcome === outcome);
    if (part.length > 0) lines.push("", `${title}`, "", ...part.map(reportLine));
  }
  return `${lines.join("\n")}\n`;
}

function reportLine({ setting, file, line, words, reason }: ReportLine): string {
  const place = line === 0 ? file : `${file}:${line}`;
  const what = [setting, words].filter((text) => text !== "").map((text) => printable(text, 200));
  return `  ${printable(place, 200)}: ${what.join(" -> ")}${what.length > 0 ? ": " : ""}${printable(reason, 400)}`;
}

/** The policy in Postfix's words, one list after the other: what stood there as comment, what can run here below it. */
export function renderPolicy({ policy }: Imported): string {
  const lines = ["# Restriction lists in Postfix's words. Tables of the same name lie in tables/."];
  if (policy.networks.length > 0) lines.push("", `mynetworks = ${policy.networks.join(", ")}`);
  if (policy.sites.length > 0) {
    lines.push("", "dnsbl_sites =", ...policy.sites.map((site) => `  ${printable(site)}`));
    if (policy.threshold !== undefined) lines.push(`dnsbl_threshold = ${policy.threshold}`);
  }
  if (policy.classes.length > 0)
    lines.push("", `smtpd_restriction_classes = ${policy.classes.map(({ name }) => name).join(", ")}`);
  for (const list of [...policy.classes, ...policy.lists]) lines.push("", ...listLines(list));
  return `${lines.join("\n")}\n`;
}

const listLines = ({ name, verbatim, rules }: ImportedList): readonly string[] => [
  `# ${name} = ${printable(verbatim, 2000).replaceAll(/\s+/g, " ")}`,
  `${name} =`,
  ...rules.map((rule) => `  ${printable(rule, 500)}`),
];

/** `policy test` lines to run on both sides: ordinary mail, a forged sender, an attempt to relay, a trusted client. */
export function renderPolicyTests(imported: Imported): readonly string[] {
  const domain = imported.domains[0]?.name ?? "example.org";
  const known = [
    ...imported.accounts.map(({ login }) => login),
    ...imported.addresses.map(({ address }) => address),
  ];
  // These lines go to a shell: only names that mean nothing to it.
  const to = known.find((name) => /^[a-z0-9._+-]+@[a-z0-9._-]+$/.test(name)) ?? `postmaster@${domain}`;
  const test = (client: string, helo: string, from: string, rcpt: string): string =>
    `wachpost policy test --client ${client} --helo ${helo} --from ${from} --to ${rcpt}`;
  const network = imported.policy.networks.map(parseCidr).find((cidr) => cidr !== undefined)?.address.text;
  const trusted = network === "127.0.0.0" ? "127.0.0.1" : network;
  return [
    test("203.0.113.9", "mail.example.net", "a@example.net", to),
    test("203.0.113.9", "localhost", "a@example.net", to),
    test("203.0.113.9", "mail.example.net", "a@nonexistent.invalid", to),
    test("203.0.113.9", "mail.example.net", "a@localhost", to),
    test("203.0.113.9", "mail.example.net", "a@example.net", `nobody-${domain.length}@${domain}`),
    test("203.0.113.9", "mail.example.net", "a@example.net", "a@elsewhere.example"),
    ...(trusted === undefined ? [] : [test(trusted, "client.example", `a@${domain}`, "a@elsewhere.example")]),
  ];
}
