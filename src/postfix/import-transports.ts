import { parseDomain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import { Secret } from "../base/secret.ts";
import { quoted } from "./import-scalars.ts";
import {
  isTemplate,
  note,
  noteEntry,
  type ImportedTransport,
  type Importing,
  type Note,
} from "./importing.ts";
import { parseIndexedTable } from "./tables/table-text.ts";
import { tablesOf, textOfTable } from "./tables/table-source.ts";

/** Next hops: `transport_maps`, `relayhost`, and the logins of `smtp_sasl_password_maps`. */
export function importTransports(importing: Importing): void {
  const logins = readLogins(importing);
  importTransportMaps(importing, logins);
  importRelayhost(importing, logins);
  const used = importing.transports.filter(({ user }) => user !== undefined).length;
  if (importing.postfix.setting("smtp_sasl_password_maps") !== undefined && logins.size > 0) {
    note(importing, "smtp_sasl_password_maps", [
      used > 0 ? "carried-over" : "not-carried-over",
      used > 0 ? `${used} next hops with a login` : "",
      used > 0 ? "passwords go to files of their own, mode 0600" : "no next hop of ours has a login in it",
    ]);
  }
  importBindAddress(importing);
}

type Login = { readonly user: string; readonly password: Secret };

/** Logins by next hop as written, `[smtp.example.net]:587`. */
function readLogins(importing: Importing): ReadonlyMap<string, Login> {
  const logins = new Map<string, Login>();
  const setting = "smtp_sasl_password_maps";
  for (const { reference } of tablesOf(importing.postfix.list(setting))) {
    const text = textOfTable(reference, importing.postfix.sources);
    const indexed = "format" in reference && reference.format === "indexed";
    if (!text.ok || !indexed) {
      note(importing, setting, ["not-carried-over", "", text.ok ? "patterns name no next hop" : text.error]);
      continue;
    }
    for (const { key, value } of parseIndexedTable(text.value).entries) {
      const colon = value.indexOf(":");
      if (colon > 0)
        logins.set(key, { user: value.slice(0, colon), password: new Secret(value.slice(colon + 1)) });
    }
  }
  return logins;
}

function importRelayhost(importing: Importing, logins: ReadonlyMap<string, Login>): void {
  const { postfix } = importing;
  if (postfix.setting("relayhost") === undefined) return;
  const { text, missing } = postfix.expansion("relayhost");
  if (missing.length > 0 || isTemplate(text)) {
    return note(importing, "relayhost", [
      "not-carried-over",
      "",
      `${quoted(text || `$${missing.join()}`)} belongs to a template`,
    ]);
  }
  if (text.trim() === "")
    return note(importing, "relayhost", ["default", "", "mail goes to the MX of its domain, as here"]);
  const made = transportOf(importing, "*", `smtp:${text.trim()}`, logins);
  if (made.transport !== undefined) importing.transports.push(made.transport);
  note(importing, "relayhost", made.note);
}

function importTransportMaps(importing: Importing, logins: ReadonlyMap<string, Login>): void {
  const { postfix } = importing;
  const setting = "transport_maps";
  if (postfix.setting(setting) === undefined) return;
  const tables = tablesOf(postfix.list(setting));
  if (tables.length === 0) return note(importing, setting, ["default", "", "no table"]);
  for (const { written, reference } of tables) {
    const text = textOfTable(reference, postfix.sources);
    if (!text.ok || !("format" in reference) || reference.format !== "indexed") {
      note(importing, setting, [
        "not-carried-over",
        "",
        `${quoted(written)}: ${text.ok ? "a next hop belongs to a domain, not to a pattern" : text.error}`,
      ]);
      continue;
    }
    const { entries } = parseIndexedTable(text.value);
    for (const { key, value, line } of entries) {
      const made = transportOf(importing, key, value, logins);
      if (made.transport !== undefined) importing.transports.push(made.transport);
      noteEntry(importing, { setting: key, file: written, line }, made.note);
    }
    note(importing, setting, [
      "carried-over",
      `${entries.length} entries`,
      `from ${quoted(written)}; each has its own line`,
    ]);
  }
}

type Made = { readonly transport?: ImportedTransport; readonly note: Note };
const refused = (reason: string): Made => ({ note: ["not-carried-over", "", reason] });

/** One entry of transport(5): `domain transport:nexthop`. */
function transportOf(
  importing: Importing,
  key: string,
  value: string,
  logins: ReadonlyMap<string, Login>,
): Made {
  const domain =
    key === "*" ? key : key.startsWith(".") ? `.${parseDomain(key.slice(1)) ?? ""}` : parseDomain(key);
  if (domain === undefined || domain === ".")
    return refused(`${quoted(key)}: a next hop belongs to a domain`);
  const colon = value.indexOf(":");
  const kind = colon < 0 ? value : value.slice(0, colon);
  const hop = colon < 0 ? "" : value.slice(colon + 1).trim();
  if (kind === "discard") return { note: ["changed-for-safety", "", "mail is never accepted and dropped"] };
  if (kind === "error" || kind === "retry") return refused("use an access table to refuse recipients");
  if (hop === "") return refused(`${quoted(value)}: without a next hop there is nothing to override`);
  if (kind === "lmtp") return lmtpTo(domain, hop);
  if (kind !== "" && kind !== "smtp" && kind !== "relay")
    return refused(`${quoted(kind)} is a service of master.cf`);
  return smtpTo(importing, domain, hop, logins);
}

function lmtpTo(domain: string, hop: string): Made {
  const path = /^unix:(\/\S+)$/.exec(hop)?.[1];
  if (path !== undefined)
    return madeOf(
      { domain, kind: "lmtp", host: path, port: 24, tls: "none" },
      "carried-over",
      "the same socket",
    );
  const place = hostAndPort(hop.replace(/^inet:/, ""), 24);
  if (place === undefined) return refused(`${quoted(hop)} is no host`);
  return madeOf({ domain, kind: "lmtp", ...place, tls: "opportunistic" }, "carried-over", "the same host");
}

function smtpTo(importing: Importing, domain: string, hop: string, logins: ReadonlyMap<string, Login>): Made {
  const place = hostAndPort(hop, 25);
  if (place === undefined) return refused(`${quoted(hop)} is no host`);
  const login = logins.get(hop) ?? logins.get(place.host) ?? logins.get(`[${place.host}]`);
  const asked = tlsLevel(importing, place.port);
  // A password goes only to a host whose certificate bears its name.
  const tls = login !== undefined && asked !== "implicit" ? "verify" : asked;
  const lifted =
    tls !== asked || (tls === "opportunistic" && importing.postfix.value("smtp_tls_security_level") === "");
  const notes = [
    tls !== asked ? "a password only to a verified host" : "",
    hop.startsWith("[") ? "" : "the name is taken as a host: MX records of a next hop are not asked",
  ].filter((text) => text !== "");
  return madeOf(
    {
      domain,
      kind: "smtp",
      ...place,
      tls,
      ...(login === undefined ? {} : { user: login.user, password: login.password }),
    },
    lifted ? "changed-for-safety" : "carried-over",
    notes.join("; ") || (lifted ? "TLS is used where it is offered" : "the same next hop"),
  );
}

function madeOf(transport: ImportedTransport, outcome: Note[0], reason: string): Made {
  const { domain, kind, host, port, tls } = transport;
  return {
    transport,
    note: [outcome, `outbound.transports: ${domain} -> ${kind} ${host}:${port}, tls ${tls}`, reason],
  };
}

function tlsLevel(importing: Importing, port: number): ImportedTransport["tls"] {
  const { postfix } = importing;
  if (postfix.isYes("smtp_tls_wrappermode") || port === 465) return "implicit";
  if (postfix.isYes("smtp_enforce_tls")) return "encrypt";
  const level = postfix.value("smtp_tls_security_level");
  if (level === "verify" || level === "secure" || level === "fingerprint") return "verify";
  return level === "encrypt" || level === "dane-only" ? "encrypt" : "opportunistic";
}

/** `[host]:port`, `host:port`, `[2001:db8::1]`, `host` */
function hostAndPort(
  hop: string,
  port: number,
): { readonly host: string; readonly port: number } | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:\s[\]]+))(?::([a-z]+|[0-9]{1,5}))?$/.exec(hop);
  const host = (found?.[1] ?? found?.[2] ?? "").replace(/^IPv6:/i, "");
  if (parseIp(host) === undefined && parseDomain(host) === undefined) return undefined;
  const named = found?.[3];
  const number = named === undefined ? port : (SERVICES.get(named) ?? Number(named));
  return number >= 1 && number <= 65_535 ? { host, port: number } : undefined;
}

const SERVICES: ReadonlyMap<string, number> = new Map([
  ["smtp", 25],
  ["smtps", 465],
  ["submissions", 465],
  ["submission", 587],
  ["lmtp", 24],
]);

function importBindAddress(importing: Importing): void {
  for (const setting of ["smtp_bind_address", "smtp_bind_address6"]) {
    if (importing.postfix.setting(setting) === undefined) continue;
    const address = parseIp(importing.postfix.value(setting));
    if (address === undefined) {
      note(importing, setting, ["not-carried-over", "", "no address"]);
      continue;
    }
    if (address.text === "0.0.0.0" || address.text === "::") {
      note(importing, setting, ["carried-over", "", "any address of this machine, which is the default"]);
      continue;
    }
    const earlier = importing.settings.get("outbound.local_address");
    const both = typeof earlier === "string" && parseIp(earlier)?.family !== address.family;
    const written = both ? [earlier, address.text] : address.text;
    importing.settings.set("outbound.local_address", written);
    note(importing, setting, [
      "carried-over",
      `outbound.local_address = ${JSON.stringify(written)}`,
      "the same address",
    ]);
  }
}
