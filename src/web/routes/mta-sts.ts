import { domainBelow } from "../asked-domain.ts";
import { content, noSuchDomain, TEXT, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";

/** `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` for every domain of ours. RFC 8461 §3.2, §3.3 */
export async function mtaStsPolicy(request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  const domain = domainBelow(request.host, "mta-sts.");
  if (domain === undefined || !(await rooms.isOurs(domain))) return noSuchDomain;
  return content(TEXT, rooms.policy.text);
}
