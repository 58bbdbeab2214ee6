import { content, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";
import { openMetrics } from "../open-metrics.ts";

/** For Prometheus and its like. */
export async function metrics(_request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  return content(
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
    openMetrics(await rooms.families()),
  );
}
