import type { Imported } from "./import.ts";
import type { ImportedTransport, SettingValue } from "./importing.ts";

/** The `wachpost.toml` of an import. Without a usable host name that line stays a comment, and `check` asks for it. */
export function renderToml(imported: Imported): string {
  const lines = ["# Made from a Postfix configuration; report.txt says what became of each setting."];
  const hostname = imported.settings.get("hostname");
  lines.push(
    hostname === undefined
      ? '# hostname = "mail.example.org"  # to be set: its address resolves back to it'
      : `hostname = ${literal(hostname)}`,
  );
  const sections = new Map<string, string[]>();
  for (const [name, value] of imported.settings) {
    const dot = name.lastIndexOf(".");
    if (dot < 0) continue;
    const section = name.slice(0, dot);
    sections.set(section, [...(sections.get(section) ?? []), `${name.slice(dot + 1)} = ${written(value)}`]);
  }
  for (const section of [...sections.keys()].toSorted())
    lines.push("", `[${section}]`, ...(sections.get(section) ?? []));
  imported.transports.forEach((transport, i) => lines.push("", ...transportLines(transport, i)));
  return `${lines.join("\n")}\n`;
}

function transportLines(transport: ImportedTransport, index: number): readonly string[] {
  const { domain, kind, host, port, tls, user, password } = transport;
  return [
    "[[outbound.transports]]",
    `domain = ${literal(domain)}`,
    `kind = ${literal(kind)}`,
    `host = ${literal(host)}`,
    `port = ${port}`,
    `tls = ${literal(tls)}`,
    ...(user === undefined ? [] : [`user = ${literal(user)}`]),
    ...(password === undefined ? [] : [`password_file = ${literal(passwordFile(index))}`]),
  ];
}

/** File for the password of the n-th next hop, below the directory of the import. */
export const passwordFile = (index: number): string => `secrets/next-hop-${index + 1}`;

/** JSON's strings, numbers and lists are TOML's too, but for DEL. */
function literal(value: SettingValue): string {
  return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
}

/** A list of rules one a line, where nothing in it needs an escape. */
function written(value: SettingValue): string {
  const lines = typeof value === "string" && value.includes("\n") && /^[ -&(-~\n]*$/.test(value);
  return lines ? `'''\n${value}'''` : literal(value);
}
