import { verbatim } from "../../doctor/words/seen.ts";
import { portHolder } from "../../net/port-holder.ts";
import { portOf } from "../answers.ts";
import { serverAnswers } from "../network-server.ts";
import { bad, good, type PreflightCheck } from "./finding.ts";

/** Who sits where we want to listen; our own server may (S-04). */
export const portsCheck: PreflightCheck = async ({ answers }) => {
  const names = [
    "smtp",
    "submissions",
    "imaps",
    "web",
    ...(answers.acme?.challenge === "http-01" ? (["http"] as const) : []),
  ] as const;
  const ports = names.map((name) => portOf(answers, name));
  const held: { readonly port: number; readonly holder: string }[] = [];
  for (const port of ports) {
    const holder = await portHolder(port);
    if (holder !== undefined) held.push({ port, holder });
  }
  if (held.length === 0) return [good("ports", ports.join(", "))];
  if (await serverAnswers(answers))
    return [good("ports", held.map(({ port, holder }) => `${port} ${holder}`).join(", "))];
  return held.map(({ port, holder }) =>
    bad("ports", verbatim(String(port), holder), "port-held", { port: String(port), holder }),
  );
};
