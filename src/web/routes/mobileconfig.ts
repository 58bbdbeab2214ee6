import { createHash } from "node:crypto";
import { askedAddress, parameter } from "../asked-domain.ts";
import { bestOf, type MailService, type MailSettings } from "../mail-settings.ts";
import { noSuchDomain, refusal, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";
import { escapeXml } from "../xml.ts";

/** A configuration profile for iPhone, iPad and Mac, without a password: the device asks for it. */
export async function mobileconfig(request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  const address = askedAddress(parameter(request, "email") ?? "");
  if (address === undefined) return refusal(400, "The parameter email is not an address.");
  if (!(await rooms.isOurs(address.domain))) return noSuchDomain;
  const { settings } = rooms;
  const reading = bestOf(settings, "imap") ?? bestOf(settings, "pop3");
  const sending = bestOf(settings, "smtp");
  if (reading === undefined || sending === undefined)
    return refusal(404, "This server has no port for reading or for sending mail.");
  return {
    status: 200,
    type: "application/x-apple-aspen-config; charset=utf-8",
    headers: { "content-disposition": 'attachment; filename="mail.mobileconfig"' },
    body: profile(address.text, settings, reading, sending),
  };
}

type Value = string | number | boolean | readonly Dictionary[];
type Dictionary = { readonly [key: string]: Value };

function profile(
  address: string,
  settings: MailSettings,
  reading: MailService,
  sending: MailService,
): string {
  const { hostName } = settings;
  // One for each address: a profile replaces the one with the same identifier.
  const identifier = `${hostName.split(".").toReversed().join(".")}.${uuid(hostName, address, "id").slice(0, 8)}`;
  const account: Dictionary = {
    PayloadType: "com.apple.mail.managed",
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.account`,
    PayloadUUID: uuid(hostName, address, "account"),
    PayloadDisplayName: address,
    EmailAccountDescription: address,
    EmailAddress: address,
    EmailAccountType: reading.kind === "imap" ? "EmailTypeIMAP" : "EmailTypePOP",
    ...server("Incoming", reading, hostName, address),
    ...server("Outgoing", sending, hostName, address),
    OutgoingPasswordSameAsIncomingPassword: true,
  };
  const whole: Dictionary = {
    PayloadType: "Configuration",
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuid(hostName, address, "profile"),
    PayloadDisplayName: address,
    PayloadOrganization: hostName,
    PayloadContent: [account],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${dictionary(whole)}
</plist>
`;
}

const server = (
  direction: "Incoming" | "Outgoing",
  { port }: MailService,
  hostName: string,
  address: string,
): Dictionary => ({
  [`${direction}MailServerHostName`]: hostName,
  [`${direction}MailServerPortNumber`]: port,
  [`${direction}MailServerUseSSL`]: true,
  [`${direction}MailServerAuthentication`]: "EmailAuthPassword",
  [`${direction}MailServerUsername`]: address,
});

const dictionary = (values: Dictionary): string =>
  `<dict>\n${Object.entries(values)
    .map(([key, value]) => `<key>${key}</key>${element(value)}\n`)
    .join("")}</dict>`;

function element(value: Value): string {
  if (typeof value === "boolean") return `<${value}/>`;
  if (typeof value === "number") return `<integer>${value}</integer>`;
  if (typeof value === "string") return `<string>${escapeXml(value)}</string>`;
  return `<array>${value.map(dictionary).join("")}</array>`;
}

/** The same for the same address, so that a second profile replaces the first. RFC 9562 §5.8 */
function uuid(...names: readonly string[]): string {
  const octets = createHash("sha256").update(names.join("\0")).digest().subarray(0, 16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x80;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = octets.toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
