import type { ChallengeSolver, Proof, Shown } from "./acme-challenge.ts";
import { authorizationDigest } from "./acme-jws.ts";

/** Somebody who can change our zone and knows when every server of it answers the new way. */
export interface ZoneEditor {
  /** Adds a TXT record beside those that are there; resolves when it can be seen. */
  addTxt(name: string, value: string): Promise<void>;
  removeTxt(name: string, value: string): Promise<void>;
}

/** Answers DNS-01, the only challenge for wildcards and for machines nobody can reach. RFC 8555 §8.4 */
export const dns01 = (zone: ZoneEditor): ChallengeSolver => ({
  type: "dns-01",
  async show({ name, keyAuthorization }: Proof): Promise<Shown> {
    const record = [
      `_acme-challenge.${name}`,
      authorizationDigest(keyAuthorization).toString("base64url"),
    ] as const;
    await zone.addTxt(...record);
    return { [Symbol.asyncDispose]: () => zone.removeTxt(...record) };
  },
});
