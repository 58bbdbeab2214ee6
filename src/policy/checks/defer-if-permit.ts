import type { Check } from "../contract.ts";
import { deferIfPermit } from "../verdict.ts";

/** Turns a later permit into "try again later". */
export const deferIfPermitRule: Check = {
  name: "defer_if_permit",
  takes: "nothing",
  run: ({ subject }) =>
    deferIfPermit(
      `<${subject.name}>: ${subject.what} rejected: defer_if_permit requested`,
      "4.7.0",
      "defer-if-permit",
    ),
};
