/** Resolves at SIGINT or SIGTERM. A second signal, once the first had time to work, ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first_ms: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      // A launcher and its terminal may both pass on the same Ctrl-C.
      if (first_ms !== undefined && Date.now() - first_ms > SAME_KEYPRESS_MS) process.exit(130);
      first_ms ??= Date.now();
      resolve(signal);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

const SAME_KEYPRESS_MS = 500;
