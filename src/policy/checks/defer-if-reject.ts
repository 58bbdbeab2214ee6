import type { Check } from "../contract.ts";
import { deferIfReject } from "../verdict.ts";

/** Turns a later refusal of this list into "try again later". */
export const deferIfRejectRule: Check = {
  name: "defer_if_reject",
  takes: "nothing",
  run: ({ subject }) =>
    deferIfReject(
      `<${subject.name}>: ${subject.what} rejected: defer_if_reject requested`,
      "4.7.0",
      "defer-if-reject",
    ),
};
