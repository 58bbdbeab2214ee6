import { createRequire } from "node:module";

/** Of the package this program came in. */
export const programVersion = (): string =>
  (createRequire(import.meta.url)("../../package.json") as { readonly version: string }).version;
