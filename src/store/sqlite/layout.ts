import { join } from "node:path";

/** Rows of everything but message bytes; those are in `segments/`. */
export const databasePath = (directory: string): string => join(directory, "mail.db");

export const lockPath = (directory: string): string => join(directory, "server.lock");

export const lockHolderPath = (directory: string): string => join(directory, "server.pid");
