/**
 * Checks the shape of the house: layers, edges, sizes, exports, a README in every folder, a line for every
 * dependency. `node tools/tidy.ts`; exit 1 with one line per finding.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");
const SRC = join(ROOT, "src");

/** Lower lines first: a folder imports from lines below its own and from itself. */
const LAYERS: readonly (readonly string[])[] = [
  ["base"],
  ["dns", "message", "net", "sasl", "sieve"],
  ["authentication", "smtp", "imap", "pop3", "managesieve"],
  ["config", "store", "tls", "journal"],
  ["accounts", "policy", "postfix", "queue"],
  ["mta", "mailbox"],
  ["backup", "upgrade"],
  ["alerts", "doctor", "moving"],
  ["setup", "rounds"],
  ["promotion"],
  ["web", "cli"],
  ["assembly"],
  ["main.ts"],
  ["command-line.ts"],
];

/** Only these touch network, disk, a database, a thread or another process. */
const EDGES: readonly RegExp[] = [
  /^base\/log-output\.ts$/,
  /^base\/owner\.ts$/,
  /^net\//,
  /^dns\/(client|configured|system-servers|udp|tcp|zone-server|transport|exchange)[a-z-]*\.ts$/,
  /^smtp\/client[a-z-]*\.ts$/,
  /^store\/(sqlite|blobs)\//,
  /^tls\/(own-authority|contexts|acme-(files|http|http01|tls-alpn01)|certificate-files)\.ts$/,
  /^config\/(load|tried)\.ts$/,
  /^accounts\/common-passwords\.ts$/,
  /^postfix\/read[a-z-]*\.ts$/,
  /^mta\/(spool|free-disk)\.ts$/,
  /^doctor\/(net|probe-client|history)[a-z-]*\.ts$/,
  /^backup\/(archive-file|make-backup|restore-archive|state|thread|workplace)\.ts$/,
  /^upgrade\/(set-asides|upgrade-store|roll-back)\.ts$/,
  /^moving\/(import-record|imap-connection|(maildir|mbox)-(source|export))\.ts$/,
  /^web\/server\.ts$/,
  /^setup\/(machine|network|setup)-[a-z-]*\.ts$/,
  /^promotion\/(line-client|machine-[a-z]+|trial-(server|world))\.ts$/,
  /^alerts\/post\.ts$/,
  /^rounds\/examination[a-z-]*\.ts$/,
  /^cli\//,
  /^assembly\//,
  /^main\.ts$/,
];
const EDGE_MODULES =
  /^node:(fs|fs\/promises|net|tls|dgram|http|https|http2|sqlite|child_process|worker_threads|dns|dns\/promises|cluster)$/;

const LINES_MAX = 500;
const IMPORT = /^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"/gms;

const findings: string[] = [];
const report = (file: string, finding: string): void =>
  void findings.push(`${relative(ROOT, file)}: ${finding}`);

function filesBelow(directory: string, ending: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

const roomOf = (file: string): string => relative(SRC, file).split("/")[0] ?? "";
const layerOf = (room: string): number => LAYERS.findIndex((line) => line.includes(room));
const isTest = (file: string): boolean => file.endsWith(".test.ts") || file.includes("/conformance/");

function checkImports(file: string, source: string): void {
  const from = roomOf(file);
  if (layerOf(from) < 0) report(file, `the folder ${from} is not in the layers of tools/tidy.ts`);
  for (const match of source.matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? "";
    if (target.startsWith(".")) checkLayer(file, from, roomOf(resolve(dirname(file), target)));
    else if (EDGE_MODULES.test(target) && !isTypeOnly(match[0]) && !isEdge(file)) {
      report(file, `imports ${target} but is not an edge`);
    }
  }
}

function checkLayer(file: string, from: string, to: string): void {
  if (from !== to && layerOf(to) >= layerOf(from)) report(file, `${from} may not import ${to}`);
}

/** Types, and `isIP`, which is a function of its argument, touch nothing. */
const isTypeOnly = (statement: string): boolean =>
  /^\s*(import|export)\s+type\s|^\s*import \{ isIP \} from "node:net"/.test(statement);
const isEdge = (file: string): boolean => EDGES.some((edge) => edge.test(relative(SRC, file)));

function checkText(file: string, source: string): void {
  const lines = source.split("\n").length;
  if (lines > LINES_MAX && !isTest(file))
    report(file, `${lines} lines; a file answers one question in at most ${LINES_MAX}`);
  if (/^export default /m.test(source)) report(file, "default export; exports are named");
  if (/\b(TODO|FIXME|XXX)\b/.test(source)) report(file, "unfinished: a marker word was left");
  if (/\b(it|test|describe)\.(skip|only)\(/.test(source))
    report(file, "a test is skipped or alone without a reason");
  const name = file.split("/").at(-1) ?? "";
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/.test(name)) report(file, "file names are kebab-case");
  if (/^(utils?|helpers?|manager|common)\.ts$/.test(name)) report(file, "a name that answers no question");
}

/** An export nobody imports is dead, or should not be an export. */
function checkExports(sources: ReadonlyMap<string, string>): void {
  const everything = [...sources.values()];
  for (const [file, source] of sources) {
    if (!file.startsWith(SRC) || isTest(file)) continue;
    for (const match of source.matchAll(
      /^export (?:async )?(?:function|const|class|type|interface) (\w+)/gm,
    )) {
      const name = match[1] ?? "";
      const mention = new RegExp(`\\b${name}\\b`);
      const elsewhere = everything.some((other) => other !== source && mention.test(other));
      const uses = source.match(new RegExp(`\\b${name}\\b`, "g"))?.length ?? 0;
      if (!elsewhere && uses < 2) report(file, `export ${name} is used nowhere`);
    }
  }
}

function checkReadmes(): void {
  for (const entry of readdirSync(SRC, { withFileTypes: true })) {
    if (entry.isDirectory() && !existsSync(join(SRC, entry.name, "README.md"))) {
      report(join(SRC, entry.name), "no README.md");
    }
  }
}

function checkDependencies(): void {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const text = readFileSync(join(ROOT, "DEPENDENCIES.md"), "utf8");
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (!text.includes(`\`${name}\``)) report(join(ROOT, "DEPENDENCIES.md"), `${name} has no line`);
  }
}

const sources = new Map(
  [
    ...filesBelow(SRC, ".ts"),
    ...filesBelow(join(ROOT, "test"), ".ts"),
    ...filesBelow(join(ROOT, "tools"), ".ts"),
  ].map((file) => [file, readFileSync(file, "utf8")] as const),
);
for (const [file, source] of sources) {
  if (file.startsWith(SRC) && !isTest(file)) checkImports(file, source);
  if (!file.endsWith("tools/tidy.ts")) checkText(file, source);
}
checkExports(sources);
checkReadmes();
checkDependencies();

for (const finding of findings) console.log(finding);
console.log(`tidy: ${sources.size} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
