/** A copy of the source in which defences are removed, without touching the checkout. */
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DoctorReport } from "../../src/doctor/report-json.ts";
import { run } from "../e2e/programs.ts";
import { freePort, TestServer, type ServerSettings } from "../e2e/server.ts";
import type { Edit, Mutation } from "./mutation.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The texts an edit looks for, wherever they are not there exactly once. */
export function misplaced({ edits }: Mutation): readonly string[] {
  return edits.flatMap(({ file, before }) => {
    const count = readFileSync(join(ROOT, file), "utf8").split(before).length - 1;
    return count === 1 ? [] : [`${file}: ${count} times ${JSON.stringify(before.slice(0, 60))}`];
  });
}

/** One tree of source and one server's data; one mutation after the other is tried in it. */
export class Workshop implements AsyncDisposable {
  readonly #tree: string;
  readonly #server: TestServer;
  readonly #passwordFile: string;

  private constructor(tree: string, server: TestServer) {
    this.#tree = tree;
    this.#server = server;
    this.#passwordFile = join(tree, "password");
    writeFileSync(this.#passwordFile, server.password(), { mode: 0o600 });
  }

  static async open(settings: ServerSettings = {}): Promise<Workshop> {
    const tree = mkdtempSync(join(tmpdir(), "wachpost-mutant-"));
    linked(join(ROOT, "src"), join(tree, "src"));
    for (const directory of ["bin", "data"])
      cpSync(join(ROOT, directory), join(tree, directory), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(tree, "package.json"));
    symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
    return new Workshop(
      tree,
      await TestServer.create({ ...settings, toml: `${await moreDoors()}${settings.toml ?? ""}` }),
    );
  }

  /** Removes the defences, starts the server, attacks it, and puts everything back. */
  attacked(mutations: readonly Mutation[]): Promise<DoctorReport> {
    const checks = new Set(mutations.flatMap(({ check, also }) => [check, ...also]));
    return this.running(mutations, async () => {
      const { stdout, stderr } = await this.#call([...checks].flatMap((check) => ["--only", check]));
      if (!stdout.startsWith("{")) throw new Error(`the attack did not report: ${stderr}${stdout}`);
      return JSON.parse(stdout) as DoctorReport;
    });
  }

  /** Lets `work` see the server while it runs without these defences. */
  async running<T>(mutations: readonly Mutation[], work: (server: TestServer) => Promise<T>): Promise<T> {
    const edits = mutations.flatMap((one) => one.edits);
    this.#apply(edits);
    try {
      await this.#server.start(this.#launcher);
      return await work(this.#server);
    } finally {
      // One that is busy for ever does not hear a request.
      await this.#server.kill();
      this.#restore(edits);
    }
  }

  get #launcher(): string {
    return join(this.#tree, "bin/wachpost.js");
  }

  /** The mutant attacks itself: what is in its own process is tried, too. */
  #call(more: readonly string[]) {
    const account = ["--account", this.#server.login(), "--password-file", this.#passwordFile];
    return run(process.execPath, [
      this.#launcher,
      "--config",
      this.#server.config,
      "--json",
      "attack",
      "--no-history",
      ...account,
      ...more,
    ]);
  }

  #apply(edits: readonly Edit[]): void {
    for (const { file, before, after } of edits) {
      const text = readFileSync(join(this.#tree, file), "utf8");
      if (text.split(before).length !== 2) throw new Error(`${file} does not hold once: ${before}`);
      this.#write(
        file,
        text.replace(before, () => after),
      );
    }
  }

  #restore(edits: readonly Edit[]): void {
    for (const { file } of edits) this.#write(file, readFileSync(join(ROOT, file), "utf8"));
  }

  /** Never through a link: that would be the checkout's file. */
  #write(file: string, text: string): void {
    rmSync(join(this.#tree, file));
    writeFileSync(join(this.#tree, file), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    rmSync(this.#tree, { recursive: true, force: true });
  }
}

/** Hard links where the file system allows it. */
function linked(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linked(source, target);
    else {
      try {
        linkSync(source, target);
      } catch {
        cpSync(source, target);
      }
    }
  }
}

/** The web, and IMAP with STARTTLS. */
export async function moreDoors(): Promise<string> {
  const listener = async (name: string): Promise<string> =>
    `[listeners.${name}]\nenabled = true\naddresses = ["127.0.0.1"]\nport = ${await freePort("127.0.0.1")}\n`;
  return `${await listener("web")}${await listener("imap")}`;
}

/** What of a mutation did not turn red. */
export function unnoticed({ check, grade, also }: Mutation, { findings }: DoctorReport): readonly string[] {
  const isRed = (wanted: string, how: string): boolean =>
    findings.some((finding) => finding.check === wanted && finding.grade === how);
  return [...(isRed(check, grade) ? [] : [check]), ...also.filter((one) => !isRed(one, "fail"))];
}
