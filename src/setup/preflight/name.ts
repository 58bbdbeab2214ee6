import { bad, good, type PreflightCheck } from "./finding.ts";

/** Endings that are nobody's. RFC 6761, RFC 6762 appendix G, RFC 8375, ICANN .internal */
const LOCAL = [
  "local",
  "localhost",
  "localdomain",
  "lan",
  "home",
  "corp",
  "internal",
  "intranet",
  "invalid",
  "home.arpa",
];

/** A name of the Internet, as in RFC 5321 §2.3.5: fully qualified, of letters, digits and hyphens. */
export const nameCheck: PreflightCheck = async ({ hostName: name, domain }) => {
  const ending = LOCAL.find((one) => name === one || name.endsWith(`.${one}`));
  if (ending !== undefined) return [bad("name", name, "name-local", { name, domain, ending })];
  const odd = !name.includes(".") || name.includes("_");
  return odd ? [bad("name", name, "name-odd", { name, domain })] : [good("name", name)];
};
