import type { Server } from "node:net";
import { OperatorError } from "../base/operator-error.ts";

/** Where a challenge is answered; without a host on all addresses of the machine. */
export type ChallengeAddress = { readonly host: string | undefined; readonly port: number };

/** Opens a challenge's port, or says who may not have it. */
export async function listening<S extends Server>(
  server: S,
  { host, port }: ChallengeAddress,
  challenge: string,
): Promise<S> {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once("error", resolve);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", resolve);
      resolve(undefined);
    });
  });
  if (failure === undefined) return server;
  throw new OperatorError(
    failure.code === "EADDRINUSE" ? "port-in-use" : "listen-failed",
    `Port ${port} for ${challenge} cannot be opened: ${failure.message}.`,
    failure.code === "EACCES"
      ? "Ports below 1024 need CAP_NET_BIND_SERVICE."
      : "Stop what holds the port, or choose another challenge in tls.acme.challenge.",
    { cause: failure },
  );
}

/** Closes at once; whoever is still connected has had his answer. */
export async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
      server.closeAllConnections();
  });
}
