import { askedAddress, domainOfHost, parameter } from "../asked-domain.ts";
import type { MailService, MailSettings } from "../mail-settings.ts";
import { content, noSuchDomain, refusal, XML, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";
import { escapeXml } from "../xml.ts";

/**
 * Thunderbird, K-9, Evolution and others ask `autoconfig.DOMAIN/mail/config-v1.1.xml?emailaddress=` or
 * `DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml`. draft-ietf-mailmaint-autoconfig
 */
export async function autoconfig(request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  const text = parameter(request, "emailaddress");
  const address = text === undefined || text === "" ? undefined : askedAddress(text);
  if (text && address === undefined) return refusal(400, "The parameter emailaddress is not an address.");
  const domain = address?.domain ?? domainOfHost(request.host);
  if (domain === undefined || !(await rooms.isOurs(domain))) return noSuchDomain;
  return content(XML, clientConfig(domain, rooms.settings));
}

/** The address itself stays a placeholder, which the program fills in: nothing of the question comes back. */
function clientConfig(domain: string, settings: MailSettings): string {
  const servers = settings.services.map((service) => serverElement(service, settings)).join("");
  const name = escapeXml(domain);
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${name}">
    <domain>${name}</domain>
    <displayName>${name}</displayName>
    <displayShortName>${name}</displayShortName>
${servers}  </emailProvider>
</clientConfig>
`;
}

function serverElement({ kind, security, port }: MailService, { hostName }: MailSettings): string {
  const element = kind === "smtp" ? "outgoingServer" : "incomingServer";
  return `    <${element} type="${kind}">
      <hostname>${escapeXml(hostName)}</hostname>
      <port>${port}</port>
      <socketType>${security === "tls" ? "SSL" : "STARTTLS"}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </${element}>
`;
}
