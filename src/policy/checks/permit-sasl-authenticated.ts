import type { Check } from "../contract.ts";
import { dunno, permit } from "../verdict.ts";

/** Permits who has logged in; whose address he may use is checked elsewhere (S-32, D-24). */
export const permitSaslAuthenticated: Check = {
  name: "permit_sasl_authenticated",
  takes: "nothing",
  run: ({ facts }) => (facts.login === undefined ? dunno() : permit({ login: facts.login }, "logged-in")),
};
