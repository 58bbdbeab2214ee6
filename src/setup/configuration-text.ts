import { join } from "node:path";
import { portOf, STANDARD_PORTS, type Answers, type PortName } from "./answers.ts";

/** Where the secret of the update key is kept: the server needs it for renewals. */
export const updateSecretFile = (data: string): string => join(data, "dns-update.key");

/** The whole `wachpost.toml`: what differs from the defaults and nothing else, so that it can be read. */
export function configurationText(answers: Answers): string {
  const sections = [
    [
      `# Written by \`wachpost setup ${answers.domain}\`. It is yours to change: setup will not touch it again.`,
      "# Every setting and its default: docs/settings.md",
      line("hostname", answers.hostName),
      line("data", answers.data),
    ],
    ...(["smtp", "submissions", "imaps"] as const).map((name) => listenerLines(answers, name)),
    ["[listeners.web]", line("enabled", true), ...placeLines(answers, "web")],
    acmeLines(answers),
    answers.dnsServers.length === 0 ? [] : ["[dns]", line("servers", answers.dnsServers)],
    updateLines(answers),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const line = (key: string, value: string | number | boolean | readonly string[]): string =>
  `${key} = ${Array.isArray(value) ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(value)}`;

function listenerLines(answers: Answers, name: Exclude<PortName, "http">): readonly string[] {
  const lines = placeLines(answers, name);
  return lines.length === 0 ? [] : [`[listeners.${name}]`, ...lines];
}

function placeLines(answers: Answers, name: Exclude<PortName, "http">): readonly string[] {
  return [
    ...(answers.listen.length === 0 ? [] : [line("addresses", answers.listen)]),
    ...(portOf(answers, name) === STANDARD_PORTS[name] ? [] : [line("port", portOf(answers, name))]),
  ];
}

export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

function acmeLines(answers: Answers): readonly string[] {
  const { acme, listen } = answers;
  if (acme === undefined) return [];
  const [address] = listen;
  const answersHttp = acme.challenge === "http-01";
  return [
    "[tls.acme]",
    line("enabled", true),
    `${line("agree_terms", true)}    # agreed to during setup`,
    ...(acme.directory === LETS_ENCRYPT ? [] : [line("directory", acme.directory)]),
    ...(acme.caFile === undefined ? [] : [line("ca_file", acme.caFile)]),
    ...(answersHttp ? [] : [line("challenge", acme.challenge)]),
    ...(answersHttp && address !== undefined ? [line("address", address)] : []),
    ...(answersHttp && portOf(answers, "http") !== STANDARD_PORTS.http
      ? [line("port", portOf(answers, "http"))]
      : []),
  ];
}

function updateLines({ dnsUpdate, data }: Answers): readonly string[] {
  if (dnsUpdate === undefined) return [];
  return [
    "[dns.update]",
    line("server", dnsUpdate.server),
    line("key", dnsUpdate.key),
    ...(dnsUpdate.algorithm === "hmac-sha256" ? [] : [line("algorithm", dnsUpdate.algorithm)]),
    line("secret_file", updateSecretFile(data)),
  ];
}
