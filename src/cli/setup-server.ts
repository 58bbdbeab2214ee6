import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { ownProgram } from "../setup/machine-files.ts";
import { isRoot, systemUser } from "../setup/machine-users.ts";
import { untilSignal } from "./until-signal.ts";

const START_MS = 30_000;

/** The server as a process below setup, with the rights of its user: what a container has instead of a service manager. */
export class ServerBelow {
  #child: ChildProcess | undefined;

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
    let last = "";
    child.stderr.on("data", (chunk: Buffer) => {
      process.stderr.write(chunk);
      last = chunk.toString("utf8").trim().split("\n").at(-1) ?? last;
    });
    const ended = once(child, "exit").then(() => last || "it ended");
    const ready = once(child.stdout, "data").then(() => undefined);
    const late = new Promise<string>((resolve) => {
      setTimeout(() => resolve("no sign of life in time"), START_MS).unref();
    });
    return await Promise.race([ready, ended, late]);
  }

  /** Until a signal, or until the server ends by itself; false in that case. */
  async wait(): Promise<boolean> {
    const child = this.#child;
    if (child === undefined || !this.runs) return false;
    const exit = once(child, "exit");
    const stopped = await Promise.race([untilSignal().then(() => true), exit.then(() => false)]);
    if (stopped) {
      child.kill("SIGTERM");
      await exit;
    }
    return stopped;
  }
}
