import type { Check } from "../contract.ts";
import { refuse } from "../verdict.ts";

/** Refuses everything that comes this far. */
export const rejectRule: Check = {
  name: "reject",
  takes: "nothing",
  run: ({ settings, subject }) =>
    refuse(
      settings.codes.reject,
      "5.7.1",
      `<${subject.name}>: ${subject.what} rejected: Access denied`,
      "reject",
    ),
};
