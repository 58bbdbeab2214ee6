/** Is a session resumed by its ticket? testssl.sh asks too, but may have hung up before the ticket of TLS 1.3 comes. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Door } from "./scanners.ts";

const PATIENCE_MS = 60_000;

export async function resumesByTicket(door: Door): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "tls-check-session-"));
  const session = join(directory, "session.pem");
  try {
    await said(door, ["-sess_out", session], async (isOver) => {
      while (!isOver() && !existsSync(session)) await sleep(50);
    });
    return existsSync(session) && /^Reused, /m.test(await said(door, ["-sess_in", session]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What `openssl s_client` prints; it hangs up `when` that is over. */
async function said(
  { name, address, port, starttls }: Door,
  more: readonly string[],
  when: (isOver: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const how = starttls === undefined ? [] : ["-starttls", starttls];
  const where = ["-connect", `${address}:${port}`, "-servername", name];
  const child = spawn("openssl", ["s_client", ...where, ...how, ...more], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: PATIENCE_MS,
  });
  let text = "";
  let isOver = false;
  child.stdout.on("data", (chunk: Buffer) => void (text += chunk.toString("latin1")));
  child.stdin.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  }).then(() => void (isOver = true));
  await when(() => isOver);
  child.stdin.end();
  await closed;
  return text;
}
