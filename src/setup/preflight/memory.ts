import { totalmem } from "node:os";
import { good, warned, type PreflightCheck } from "./finding.ts";
import { sizeText } from "./size-text.ts";

/** An idle server takes 150 MB, one under load 500. */
const COMFORTABLE_OCTETS = 900 * 1024 ** 2;

/** What this process may use: a container often has less than the machine. */
export const memoryCheck: PreflightCheck = async () => {
  const limit = process.constrainedMemory();
  const octets = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const size = sizeText(octets);
  return octets >= COMFORTABLE_OCTETS
    ? [good("memory", size)]
    : [warned("memory", size, "memory-low", { size })];
};
