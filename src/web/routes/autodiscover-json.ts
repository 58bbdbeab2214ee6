import { askedAddress, parameter } from "../asked-domain.ts";
import { JSON_TYPE, noSuchDomain, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";

const PATH = /^\/autodiscover\/autodiscover\.json\/v1\.0\/([^/]+)$/i;

/**
 * Newer Outlooks first ask where to ask: `autodiscover.json?Email=&Protocol=AutodiscoverV1`, or with the address in the
 * path. The answer names the older question at the name that always has a certificate. [MS-OXDSCLI] §2.2.5
 */
export async function autodiscoverJson(request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  const address = askedAddress(PATH.exec(request.path)?.[1] ?? parameter(request, "email") ?? "");
  if (address === undefined) return json(400, failure("EmailMissing", "The query has no usable Email."));
  if (!(await rooms.isOurs(address.domain))) return noSuchDomain;
  const protocol = parameter(request, "protocol") ?? "";
  if (protocol.toLowerCase() !== "autodiscoverv1")
    return json(400, failure("InvalidProtocol", "Only the protocol AutodiscoverV1 is spoken here."));
  return json(200, { Protocol: "AutodiscoverV1", Url: `${rooms.origin}/autodiscover/autodiscover.xml` });
}

const json = (status: number, value: object): WebResponse => ({
  status,
  type: JSON_TYPE,
  body: JSON.stringify(value),
});

const failure = (code: string, message: string): object => ({ ErrorCode: code, ErrorMessage: message });
