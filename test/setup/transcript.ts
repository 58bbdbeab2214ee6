/**
 * The transcript of docs/setup.md: `node test/setup/transcript.ts` sets a server up with real parts, as root, and prints
 * what setup said. Only paths and ports are put back to the standard ones. It makes the system user `wachpost`.
 */
import { openWorld, worldMissing } from "./whole-way.ts";
import { DOMAIN } from "./workshop.ts";

if (worldMissing) throw new Error(worldMissing);
await using world = await openWorld();
const { shop, flags, bind, directoryUrl } = world;
const began_ms = Date.now();
const child = shop.begin(...flags, "--user", "wachpost", "--run");
let text = "";
child.stdout?.on("data", (chunk: Buffer) => {
  text += chunk.toString("utf8");
});
while (!text.includes("Mail programs:") && child.exitCode === null)
  await new Promise((resolve) => setTimeout(resolve, 50));
const took_s = Math.round((Date.now() - began_ms) / 1000);
child.kill("SIGTERM");

const { smtp, submissions, imaps, web, http } = shop.ports;
const standard: readonly (readonly [string, string])[] = [
  [shop.file("data"), "/var/lib/wachpost"],
  [shop.file("wachpost.toml"), "/etc/wachpost/wachpost.toml"],
  [`127.0.0.1:${bind.port}`, "127.0.0.1:53"],
  [new URL(directoryUrl).host, "acme.test"],
  ...(
    [
      [smtp, 25],
      [submissions, 465],
      [imaps, 993],
      [web, 443],
      [http, 80],
    ] as const
  ).map(([used, known]) => [String(used), String(known)] as const),
];
let shown = text;
for (const [used, known] of standard) shown = shown.replaceAll(used, known);
console.log(
  `$ wachpost setup ${DOMAIN} --yes --dns-update 127.0.0.1:53 --tsig setup-key:hmac-sha256:/root/setup.key --run`,
);
console.log(shown.trimEnd());
console.log(`\n(${took_s} s)`);
