import { bad, good, type PreflightCheck } from "./finding.ts";

const NODE_MAJOR = 26;

export const nodeCheck: PreflightCheck = async () => {
  const { node: version } = process.versions;
  return Number(version.split(".")[0]) >= NODE_MAJOR
    ? [good("node", version)]
    : [bad("node", version, "node-old", { version })];
};
