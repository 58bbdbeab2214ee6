import { content, refusal, TEXT, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";

/** The process answers: whoever reads this knows it. */
export const healthz = async (): Promise<WebResponse> => content(TEXT, "ok\n");

/** One line for each thing mail needs; 503 while one of them is not there. */
export async function readyz(_request: WebRequest, rooms: WebRooms): Promise<WebResponse> {
  const found = await rooms.readiness();
  const lines = found.map(({ name, ok, detail }) => `${name} ${ok ? "ok" : `not ready: ${detail}`}`);
  return found.every(({ ok }) => ok)
    ? content(TEXT, `${lines.join("\n")}\n`)
    : refusal(503, lines.join("\n"));
}
