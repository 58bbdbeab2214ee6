import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { ownProgram } from "../setup/machine-files.ts";
import { isRoot, systemUser } from "../setup/machine-users.ts";
import { untilSignal } from "./until-signal.ts";

const START_MS = 30_000;

/** The server as a process below setup, with the rights of its user: what a container has instead of a service manager. */
export class ServerBelow {
  #child: ChildProcess | undefined;
  #ended: Promise<"signal" | "by-itself"> = Promise.resolve("by-itself");

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it says that it is ready, or with the reason why it ended. */
  async start(config: string, user: string | undefined): Promise<string | undefined> {
    const [node, launcher] = ownProgram();
    const owner = user === undefined || !isRoot() ? undefined : await systemUser(user);
    const child = spawn(node, [launcher, "--config", config, "--json", "start"], {
      stdio: ["ignore", "pipe", "pipe"],
      ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }),
    });
    this.#child = child;
    this.#ended = ending(child);
    // Whatever step setup is in: with the server gone there is nothing to go on with.
    void this.#ended.then((how) => void (how === "signal" && process.exit(0)));
    let last = "";
    child.stderr.on("data", (chunk: Buffer) => {
      process.stderr.write(chunk);
      last = chunk.toString("utf8").trim().split("\n").at(-1) ?? last;
    });
    const ended = this.#ended.then(() => last || "it ended");
    const ready = once(child.stdout, "data").then(() => undefined);
    const late = new Promise<string>((resolve) => {
      setTimeout(() => resolve("no sign of life in time"), START_MS).unref();
    });
    return await Promise.race([ready, ended, late]);
  }

  /** Until the server ends by itself; a signal ends both. */
  async wait(): Promise<void> {
    await this.#ended;
  }
}

/** A signal for setup, even in the middle of a step, is one for the server below it: none is left behind. */
async function ending(child: ChildProcess): Promise<"signal" | "by-itself"> {
  const exit = once(child, "exit");
  const first = await Promise.race([
    untilSignal().then(() => "signal" as const),
    exit.then(() => "by-itself" as const),
  ]);
  if (first === "signal") {
    child.kill("SIGTERM");
    await exit;
  }
  return first;
}
