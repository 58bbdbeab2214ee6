import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses clients whose address and name do not confirm each other; later, where the DNS did not answer. */
export const rejectUnknownClientHostname: Check = {
  name: "reject_unknown_client_hostname",
  takes: "nothing",
  run({ facts, settings }) {
    if (facts.clientNameState === "ok") return dunno({ name: facts.clientName });
    const code = facts.clientNameState === "tempfail" ? 450 : settings.codes.unknownClient;
    const text = `Client host rejected: cannot find your hostname, [${facts.clientAddress}]`;
    const reason = facts.clientNameState === "tempfail" ? "name-not-learned" : "no-name";
    return refuse(code, "4.7.25", text, reason, {
      address: facts.clientAddress,
      reverse: facts.reverseClientName,
    });
  },
};
