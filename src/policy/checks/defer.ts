import type { Check } from "../contract.ts";
import { refuse } from "../verdict.ts";

/** Puts off everything that comes this far. */
export const deferRule: Check = {
  name: "defer",
  takes: "nothing",
  run: ({ settings, subject }) =>
    refuse(
      settings.codes.defer,
      "4.3.2",
      `<${subject.name}>: ${subject.what} rejected: Try again later`,
      "defer",
    ),
};
