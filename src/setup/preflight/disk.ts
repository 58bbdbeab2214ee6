import { freeOctets } from "../machine-files.ts";
import { bad, good, unsure, warned, type PreflightCheck } from "./finding.ts";
import { sizeText } from "./size-text.ts";

/** A mailbox has a few gigabytes; below one the server soon puts mail off. */
const COMFORTABLE_OCTETS = 5 * 1024 ** 3;
const MIN_OCTETS = 1024 ** 3;

export const diskCheck: PreflightCheck = async ({ answers: { data } }) => {
  const free = await freeOctets(data);
  if (free === undefined) return [unsure("disk", "", "disk-unknown", { data })];
  const size = sizeText(free);
  if (free >= COMFORTABLE_OCTETS) return [good("disk", size)];
  return [(free >= MIN_OCTETS ? warned : bad)("disk", size, "disk-low", { size, data })];
};
