import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./writer-child.ts", import.meta.url));

/** What a child process was told by the store before it ended. */
export class WriterChild implements AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  /** Texts of the messages accepted, by uid. */
  readonly accepted = new Map<number, string>();
  readonly flagged = new Set<number>();
  readonly faults: string[] = [];
  errors = "";

  /** `limit`: a line of shell before it starts, e.g. `ulimit -f 100`. */
  constructor(args: readonly string[], limit = ":", user?: number) {
    const command = ["-c", `${limit} && exec "$@"`, "sh", process.execPath, program, ...args];
    this.process = spawn("sh", command, user === undefined ? {} : { uid: user, gid: user });
    createInterface({ input: this.process.stdout }).on("line", (line) => this.#heard(line));
    this.process.stderr.on("data", (octets) => (this.errors += String(octets)));
  }

  /** Ends it the hard way, in the middle of whatever it does. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "close");
    this.process.kill("SIGKILL");
    await ended;
  }

  /** A test that fails leaves no process behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  goOn(): void {
    this.process.stdin.write("\n");
  }

  #heard(line: string): void {
    const [first = "", second = ""] = line.split(" ");
    if (first === "fault") this.faults.push(second);
    else if (first === "flagged") this.flagged.add(Number(second));
    else this.accepted.set(Number(first), second);
  }
}
