import { askedAddress, domainOfHost, parameter } from "../asked-domain.ts";
import { bestOf, type MailService, type MailSettings } from "../mail-settings.ts";
import { content, noSuchDomain, XML, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";
import { escapeXml, leafTexts } from "../xml.ts";

const RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

/** Outlook asks by POST with a little XML; by GET the address stands in the query, or the host says the domain. [MS-OXDSCLI] */
export async function autodiscover(request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  const question = request.method === "POST" ? leafTexts(request.body) : inQuery(request);
  if (question === undefined) return failure(600, "Invalid Request");
  const schema = question.get("acceptableresponseschema");
  if (schema !== undefined && schema !== OUTLOOK) return failure(601, "Provider is not available");
  const text = question.get("emailaddress");
  if (text === undefined && request.method === "POST") return failure(600, "Invalid Request");
  const address = text === undefined ? undefined : askedAddress(text);
  if (text !== undefined && address === undefined) return failure(600, "Invalid Request");
  const domain = address?.domain ?? domainOfHost(request.host);
  if (domain === undefined || !(await rooms.isOurs(domain))) return noSuchDomain;
  return content(XML, account(address?.text, rooms.settings));
}

const inQuery = (request: WebRequest): ReadonlyMap<string, string> => {
  const address = parameter(request, "email", "emailaddress");
  return new Map(address === undefined ? [] : [["emailaddress", address]]);
};

function account(login: string | undefined, settings: MailSettings): string {
  const protocols = (["imap", "pop3", "smtp"] as const)
    .flatMap((kind) => bestOf(settings, kind) ?? [])
    .map((service) => protocolElement(service, login, settings));
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${RESPONSE}">
  <Response xmlns="${OUTLOOK}">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocols.join("")}    </Account>
  </Response>
</Autodiscover>
`;
}

function protocolElement(
  { kind, security, port }: MailService,
  login: string | undefined,
  { hostName }: MailSettings,
): string {
  return `      <Protocol>
        <Type>${kind.toUpperCase()}</Type>
        <Server>${escapeXml(hostName)}</Server>
        <Port>${port}</Port>
        <DomainRequired>off</DomainRequired>
${login === undefined ? "" : `        <LoginName>${escapeXml(login)}</LoginName>\n`}        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>${security === "tls" ? "SSL" : "TLS"}</Encryption>
        <AuthRequired>on</AuthRequired>
${kind === "smtp" ? "        <UsePOPAuth>off</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n" : ""}      </Protocol>
`;
}

/** Outlook reads errors from the body; the status is that of HTTP all the same. */
const failure = (code: number, message: string): WebResponse => ({
  status: 400,
  type: XML,
  body: `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${RESPONSE}">
  <Response>
    <Error Time="00:00:00" Id="0">
      <ErrorCode>${code}</ErrorCode>
      <Message>${message}</Message>
      <DebugData />
    </Error>
  </Response>
</Autodiscover>
`,
});
