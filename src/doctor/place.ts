import { parseDomain, type Domain } from "../base/domain-name.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Service } from "./probe.ts";

/** One server as an operator names it. */
export type Place = {
  readonly port: number;
  readonly service: Service;
} & (
  | { readonly name: Domain; readonly address?: IpAddress }
  /** An address by itself is called by its reverse name. */
  | { readonly name: undefined; readonly address: IpAddress }
);

/** What is spoken, and where, if nothing else is said. RFC 8314 §7.3: `submissions` is the name, most people say `smtps`. */
export const SCHEMES = {
  smtp: ["smtp", 25],
  submission: ["submission", 587],
  submissions: ["submissions", 465],
  smtps: ["submissions", 465],
  imap: ["imap", 143],
  imaps: ["imaps", 993],
  pop3: ["pop3", 110],
  pop3s: ["pop3s", 995],
  https: ["web", 443],
} as const satisfies Readonly<Record<string, readonly [Service, number]>>;

/** `NAME:PORT`, `ADDRESS:PORT`, `[ADDRESS]:PORT`, or both as Postfix writes them: `NAME[ADDRESS]:PORT`; before it `imaps://`. */
const PLACE = /^(?:([a-z0-9]+):\/\/)?([^[\]:/]*)(?:\[(?:IPv6:)?([^\]]*)\])?(?::([0-9]{1,5}))?(\/)?$/i;
const PORT_MAX = 65_535;

export function parsePlace(text: string): Result<Place, "syntax" | "scheme"> {
  const [, scheme, before = "", bracketed, digits, slash] = PLACE.exec(text) ?? [];
  const known = scheme === undefined ? undefined : schemeOf(scheme);
  if (scheme !== undefined && known === undefined) return err("scheme");
  const port = Number(digits ?? known?.[1] ?? SCHEMES.smtp[1]);
  const address = parseIp(bracketed ?? before);
  const isWrong = bracketed !== undefined && address === undefined;
  if (port < 1 || port > PORT_MAX || isWrong || (slash !== undefined && scheme === undefined))
    return err("syntax");
  const service = known?.[0] ?? serviceAt(port);
  if (address !== undefined && (bracketed === undefined || before === ""))
    return ok({ name: undefined, address, port, service });
  const name = parseDomain(before);
  if (name === undefined) return err("syntax");
  return ok({ name, port, service, ...(address === undefined ? {} : { address }) });
}

const schemeOf = (text: string): readonly [Service, number] | undefined =>
  Object.entries(SCHEMES).find(([name]) => name === text.toLowerCase())?.[1];

/** By the port alone; whatever it is else is taken for SMTP. */
export const serviceAt = (port: number): Service =>
  Object.values(SCHEMES).find(([, usual]) => usual === port)?.[0] ?? "smtp";
