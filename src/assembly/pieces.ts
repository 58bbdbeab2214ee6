import { setImmediate as turn } from "node:timers/promises";

type Piece = () => Promise<unknown>;

/** Loads `whole` in pieces of thirty milliseconds or so: between two of them those who are at the doors have their turn. */
async function inPieces<Whole>(pieces: readonly Piece[], whole: () => Promise<Whole>): Promise<Whole> {
  for (const piece of pieces) {
    await turn();
    await piece();
  }
  await turn();
  return await whole();
}

export const loadReaders = (): Promise<typeof import("./readers.ts")> =>
  inPieces(
    [
      () => import("../mailbox/imap-backend.ts"),
      () => import("../imap/server.ts"),
      () => import("../pop3/server.ts"),
    ],
    () => import("./readers.ts"),
  );

export const loadRoutines = (): Promise<typeof import("./routines.ts")> =>
  inPieces(
    [
      () => import("./delivery.ts"),
      () => import("./reports.ts"),
      () => import("./alerts.ts"),
      () => import("./rounds.ts"),
    ],
    () => import("./routines.ts"),
  );
