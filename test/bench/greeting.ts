import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const GREETING_MS = 20_000;

/** Resolves once a server has said its first words on the port. */
export async function greeting(port: number, within_ms = GREETING_MS): Promise<void> {
  const end = Date.now() + within_ms;
  while (!(await answers(port, "data"))) {
    if (Date.now() > end) throw new Error(`nothing greets on port ${port}`);
    await sleep(10);
  }
}

/** Whether a connection comes to that. */
export function answers(port: number, by: "connect" | "data"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on(by, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
    socket.on("end", () => resolve(false));
  });
}
