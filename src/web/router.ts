import { cidrContains, isLoopback, type IpAddress } from "../base/ip.ts";
import { noSuchPage, refusal, type WebAnswer, type WebRequest, type WebResponse } from "./request.ts";
import type { WebRooms } from "./rooms.ts";
import { autoconfig } from "./routes/autoconfig.ts";
import { autodiscoverJson } from "./routes/autodiscover-json.ts";
import { autodiscover } from "./routes/autodiscover.ts";
import { healthz, readyz } from "./routes/health.ts";
import { metrics } from "./routes/metrics.ts";
import { mobileconfig } from "./routes/mobileconfig.ts";
import { mtaStsPolicy } from "./routes/mta-sts.ts";
import { page, style } from "./routes/page.ts";

type Route = {
  /** Compared without case: Outlook writes paths as it likes. */
  readonly path: string;
  readonly post?: true;
  /** For those who watch the server; to others it is not there. */
  readonly inside?: true;
  run(request: WebRequest, rooms: WebRooms): Promise<WebResponse>;
};

const ROUTES: readonly Route[] = [
  { path: "/", run: page },
  { path: "/style.css", run: style },
  { path: "/mail/config-v1.1.xml", run: autoconfig },
  { path: "/.well-known/autoconfig/mail/config-v1.1.xml", run: autoconfig },
  { path: "/autodiscover/autodiscover.xml", post: true, run: autodiscover },
  { path: "/autodiscover/autodiscover.json", run: autodiscoverJson },
  { path: "/mail.mobileconfig", run: mobileconfig },
  { path: "/.well-known/mta-sts.txt", run: mtaStsPolicy },
  { path: "/healthz", inside: true, run: healthz },
  { path: "/readyz", inside: true, run: readyz },
  { path: "/metrics", inside: true, run: metrics },
];

/** Which function answers which path. */
export const router =
  (rooms: WebRooms): WebAnswer =>
  async (request) => {
    const route = routeFor(request.path);
    if (route === undefined || (route.inside && !mayWatch(request.client, rooms))) return noSuchPage;
    if (request.method === "POST" && !route.post)
      return { ...refusal(405, "Only GET and HEAD are understood here."), headers: { allow: "GET, HEAD" } };
    return await route.run(request, rooms);
  };

const JSON_WITH_ADDRESS = "/autodiscover/autodiscover.json/v1.0/";

function routeFor(path: string): Route | undefined {
  const folded = path.toLowerCase();
  const known = ROUTES.find((route) => route.path === folded);
  if (known !== undefined || !folded.startsWith(JSON_WITH_ADDRESS)) return known;
  return { path: JSON_WITH_ADDRESS, run: autodiscoverJson };
}

const mayWatch = (client: IpAddress, { watchers }: WebRooms): boolean =>
  isLoopback(client) || watchers.some((network) => cidrContains(network, client));
