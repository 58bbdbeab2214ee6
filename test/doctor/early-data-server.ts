/** A server of OpenSSL that takes early data (RFC 8446 §2.3): Node has none. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KeyAndCertificate } from "../../src/tls/certificate.ts";

export const opensslMissing = (): boolean => spawnSync("openssl", ["version"]).status !== 0;

export type EarlyDataServer = { pipe(socket: Socket): void; close(): void };

/** Does the TLS of whatever connection is given to it, and says `words` inside. */
export async function startEarlyDataServer(pair: KeyAndCertificate, words: string): Promise<EarlyDataServer> {
  const directory = mkdtempSync(join(tmpdir(), "early-data-"));
  writeFileSync(join(directory, "pair.pem"), `${pair.key}\n${pair.certificate}`, { mode: 0o600 });
  const args = ["s_server", "-accept", "127.0.0.1:0", "-cert", "pair.pem", "-key", "pair.pem", "-early_data"];
  const server = spawn("openssl", args, { cwd: directory, stdio: ["pipe", "pipe", "ignore"] });
  const close = (): void => {
    server.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  const port = await new Promise<number>((resolve, reject) => {
    server.once("exit", () => reject(new Error("openssl s_server does not start")));
    createInterface(server.stdout).on("line", (line) => {
      const [, found] = /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(Number(found));
      // Told once the handshake is over.
      if (line.startsWith("CIPHER is")) server.stdin.write(words);
    });
  });
  return {
    pipe(socket) {
      const inner = connect(port, "127.0.0.1");
      for (const one of [socket, inner]) one.on("error", () => {});
      socket.pipe(inner).pipe(socket);
    },
    close,
  };
}
