import { parseDomain } from "../base/domain-name.ts";
import { parseCidr, parseIp } from "../base/ip.ts";
import { asService } from "./configuration.ts";
import { formatCidr, isTemplate, note, noteEntry, type Importing, type Note } from "./importing.ts";
import { quoted } from "./import-scalars.ts";
import type { Service } from "./master-cf.ts";

/** Name, addresses, ports and certificate of the server. */
export function importListeners(importing: Importing): void {
  importHostname(importing);
  importInterfaces(importing);
  importServices(importing);
  importXclient(importing);
  importCertificate(importing);
}

function importHostname(importing: Importing): void {
  const { postfix } = importing;
  const { text, missing } = postfix.expansion("myhostname");
  const domain = parseDomain(text.trim());
  if (domain?.includes(".") === true && !isTemplate(text)) {
    importing.settings.set("hostname", domain);
    return note(importing, "myhostname", [
      "carried-over",
      `hostname = "${domain}"`,
      "the name in greetings and trace headers",
    ]);
  }
  const why =
    missing.length > 0
      ? `$${missing.join(", $")} is defined nowhere: the file is a template`
      : text === ""
        ? "not set: Postfix asks the machine; write the name your address resolves back to"
        : `${quoted(text)} is no full host name`;
  note(importing, "myhostname", ["not-carried-over", "", why]);
}

const LISTENERS = ["smtp", "submissions", "submission"] as const;

function importInterfaces(importing: Importing): void {
  const { postfix } = importing;
  const interfaces = postfix.list("inet_interfaces").map(({ text }) => text.replace(/^\[(.*)\]$/, "$1"));
  const protocols = postfix.value("inet_protocols");
  const addresses = interfaces.flatMap((word) => addressesOf(word));
  const usable = addresses.filter((address) => {
    const family = parseIp(address)?.family;
    return family !== undefined && (/\ball\b/.test(protocols) || protocols.includes(`ipv${family}`));
  });
  if (postfix.setting("inet_interfaces") === undefined && postfix.setting("inet_protocols") === undefined)
    return;
  const isDefault = usable.join() === "0.0.0.0,::";
  const words = `listeners.*.addresses = ${usable.join(", ")}`;
  if (usable.length > 0 && !isDefault) {
    for (const listener of LISTENERS) importing.settings.set(`listeners.${listener}.addresses`, usable);
  }
  for (const setting of ["inet_interfaces", "inet_protocols"]) {
    if (usable.length === 0) {
      note(importing, setting, [
        "not-carried-over",
        "",
        `no address in ${quoted(interfaces.join(", "))} with ${quoted(protocols)}`,
      ]);
    } else if (isDefault) note(importing, setting, ["default", "", "all addresses of the machine, as here"]);
    else note(importing, setting, ["carried-over", words, "the same addresses"]);
  }
}

function addressesOf(word: string): readonly string[] {
  if (word === "all") return ["0.0.0.0", "::"];
  if (word === "loopback-only" || word === "localhost") return ["127.0.0.1", "::1"];
  return parseIp(word) === undefined ? [] : [word];
}

/** Ports of master.cf's services on the network. */
const PORTS: ReadonlyMap<string, number> = new Map([
  ["smtp", 25],
  ["smtps", 465],
  ["submissions", 465],
  ["submission", 587],
]);

function importServices(importing: Importing): void {
  const { master } = importing.postfix;
  if (master === undefined) return;
  for (const fault of master.faults) {
    noteEntry(importing, { setting: "", file: "master.cf", line: fault.line }, [
      "not-carried-over",
      "",
      fault.message,
    ]);
  }
  let receives = false;
  const own = master.services.filter((service) => service.type !== "inet" && service.command !== "pipe");
  if (own.length > 0) {
    const place = { setting: `${own.length} services`, file: "master.cf", line: own[0]?.line ?? 0 };
    noteEntry(importing, place, ["default", "", "how Postfix is built; one process does their work here"]);
  }
  for (const service of master.services.filter((each) => !own.includes(each))) {
    const port = service.name.replace(/^.*:/, "");
    const number = service.type === "inet" ? (PORTS.get(port) ?? Number(port)) : undefined;
    if (number === 25) receives = true;
    importService(importing, service, number);
  }
  if (!receives) importing.settings.set("listeners.smtp.enabled", false);
}

function importService(importing: Importing, service: Service, port: number | undefined): void {
  const place = { setting: `${service.name}/${service.type}`, file: "master.cf", line: service.line };
  const facing = port !== undefined && ["smtpd", "postscreen"].includes(service.command);
  if (!facing) {
    const pipe = service.command === "pipe";
    noteEntry(importing, place, [
      "not-carried-over",
      "",
      pipe ? "mail is never handed to a program" : `${service.command} has no port here`,
    ]);
  } else if (port === 25 || port === 465 || port === 587) {
    const listener = port === 25 ? "smtp" : port === 465 ? "submissions" : "submission";
    if (port === 587) importing.settings.set("listeners.submission.enabled", true);
    const login = port === 25 && asService(importing.postfix, service).isYes("smtpd_sasl_auth_enable");
    if (login)
      noteEntry(importing, place, [
        "changed-for-safety",
        "listeners.smtp",
        "port 25 never offers AUTH; users log in on 465 or 587",
      ]);
    else noteEntry(importing, place, ["carried-over", `listeners.${listener}`, "the same port"]);
  } else {
    noteEntry(importing, place, [
      "not-carried-over",
      "",
      `port ${service.name.replace(/^.*:/, "")}: mail is taken on 25, 465 and 587`,
    ]);
  }
  for (const override of service.overrides) {
    noteEntry(
      importing,
      { setting: `${place.setting} -o ${override.name}`, file: "master.cf", line: override.line },
      [
        facing ? "changed-for-safety" : "not-carried-over",
        "",
        facing
          ? "submission has fixed rules here: login, TLS, own sender addresses only; port 25 has the lists of main.cf"
          : "belongs to a service that is not needed here",
      ],
    );
  }
}

function importXclient(importing: Importing): void {
  const setting = "smtpd_authorized_xclient_hosts";
  if (importing.postfix.setting(setting) === undefined) return;
  const words = importing.postfix.list(setting).map(({ text }) => text);
  const cidrs = words
    .map((text) => parseCidr(text.replace(/^\[([^\]]*)\]/, "$1")))
    .filter((cidr) => cidr !== undefined);
  if (cidrs.length === 0 && words.length === 0)
    return note(importing, setting, ["default", "", "nobody may use XCLIENT, as here"]);
  if (cidrs.length < words.length || cidrs.some(isWide)) {
    return note(importing, setting, [
      "changed-for-safety",
      "",
      "who may use XCLIENT is whoever he likes; name single addresses in listeners.smtp.xclient_from",
    ]);
  }
  importing.settings.set("listeners.smtp.xclient_from", cidrs.map(formatCidr));
  note(importing, setting, ["carried-over", "listeners.smtp.xclient_from", "the same addresses"]);
}

/** Wider than a network that one person can know (S-31). */
export function isWide({
  address,
  prefix_bits,
}: {
  address: { family: 4 | 6 };
  prefix_bits: number;
}): boolean {
  return prefix_bits < (address.family === 4 ? 24 : 64);
}

function importCertificate(importing: Importing): void {
  const { postfix } = importing;
  const chain = postfix.list("smtpd_tls_chain_files").map(({ text }) => text);
  if (chain.length > 0) return importChain(importing, chain);
  const certificate = postfix.value("smtpd_tls_cert_file");
  const key = postfix.value("smtpd_tls_key_file") || certificate;
  const names = ["smtpd_tls_cert_file", "smtpd_tls_key_file"] as const;
  if (postfix.setting(names[0]) === undefined && postfix.setting(names[1]) === undefined) return;
  if (
    certificate === "" ||
    certificate === "none" ||
    isTemplate(certificate + key) ||
    !certificate.startsWith("/")
  ) {
    for (const name of names)
      note(importing, name, ["not-carried-over", "", `${quoted(postfix.value(name))} names no file`]);
    return;
  }
  if (isSnakeoil(certificate)) {
    for (const name of names) note(importing, name, SNAKEOIL);
    return;
  }
  importing.settings.set("tls.certificate", certificate);
  importing.settings.set("tls.key", key);
  note(importing, names[0], ["carried-over", `tls.certificate = "${certificate}"`, "the same file"]);
  note(importing, names[1], ["carried-over", `tls.key = "${key}"`, "the same file"]);
}

function importChain(importing: Importing, chain: readonly string[]): void {
  const key = chain[0] as string;
  if (isSnakeoil(chain.join())) return note(importing, "smtpd_tls_chain_files", SNAKEOIL);
  const certificate = chain[1] ?? key;
  const more = chain.length > 2;
  importing.settings.set("tls.certificate", certificate);
  importing.settings.set("tls.key", key);
  note(importing, "smtpd_tls_chain_files", [
    more ? "changed-for-safety" : "carried-over",
    `tls.certificate = "${certificate}"`,
    more ? "the first key and chain; one certificate is served here" : "the same files",
  ]);
}

/** Debian's certificate for nobody, made at installation. */
export const isSnakeoil = (path: string): boolean => path.includes("snakeoil");
const SNAKEOIL: Note = [
  "changed-for-safety",
  "",
  "a certificate for nobody; name a real one, or let the server use its own authority",
];
