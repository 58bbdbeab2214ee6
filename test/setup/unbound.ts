/** Unbound from Debian: a validating resolver on loopback that knows nothing but one zone of the test. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { diesWithUs } from "./dies-with-us.ts";

export const unboundMissing: string | false =
  spawnSync("unbound", ["-V"]).error === undefined
    ? false
    : "unbound is not installed: apt-get install unbound";

const START_MS = 20_000;

/** `authoritative`: where the servers of `zone` and of 127/16 are. */
export async function startUnbound(
  port: number,
  zone: string,
  authoritative: number,
  anchorFile: string,
): Promise<Disposable> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-unbound-"));
  const names = [zone, "0.127.in-addr.arpa"];
  // What denies one name (RFC 8198) would deny the one beside it that setup adds a moment later.
  writeFileSync(
    join(directory, "unbound.conf"),
    `server:
  directory: "${directory}"
  username: ""
  chroot: ""
  pidfile: ""
  interface: 127.0.0.1
  port: ${port}
  do-ip6: no
  do-not-query-localhost: no
  aggressive-nsec: no
  trust-anchor-file: "${anchorFile}"
  local-zone: "." static
${names.map((name) => `  local-zone: "${name}." transparent\n`).join("")}remote-control:
  control-enable: no
${names.map((name) => `stub-zone:\n  name: "${name}"\n  stub-addr: 127.0.0.1@${authoritative}\n`).join("")}`,
  );
  const child = spawn(...diesWithUs("unbound", ["-d", "-c", join(directory, "unbound.conf")]), {
    stdio: "ignore",
  });
  for (const until_ms = Date.now() + START_MS; ;) {
    const answer = await dnsClient([{ address: "127.0.0.1", port }]).query(
      parseDomain(zone) as Domain,
      "SOA",
    );
    if (answer.kind === "records") break;
    if (Date.now() > until_ms || child.exitCode !== null) {
      child.kill("SIGKILL");
      throw new Error(`unbound does not answer: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    [Symbol.dispose]() {
      child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
