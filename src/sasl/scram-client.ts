import { constantTimeEqual } from "../base/secret.ts";
import type { ChannelBinding } from "./exchange.ts";
import { ITERATIONS_MAX, ITERATIONS_MIN } from "./limits.ts";
import { prepare } from "./prepare.ts";
import { hmac, scramKeys, xor } from "./scram-keys.ts";
import { encodeName, strictBase64 } from "./scram-message.ts";

/** The client's half of SCRAM-SHA-256, for a smarthost and for tests. RFC 5802 §3, §7 */
export type ScramClient = {
  readonly first: string;
  /** client-final-message for the server's challenge; undefined when the challenge is not one. */
  final(serverFirst: string): Promise<string | undefined>;
  /** True when the server proved that it knows the password too. */
  verify(serverFinal: string): boolean;
};

export function scramClient(
  user: string,
  password: string,
  nonce: string,
  binding?: ChannelBinding,
): ScramClient {
  const gs2Header = binding ? `p=${binding.type},,` : "n,,";
  const bare = `n=${encodeName(user)},r=${nonce}`;
  let expected: string | undefined;
  return {
    first: gs2Header + bare,
    async final(serverFirst) {
      const parts = /^r=([!-+\--~]+),s=([A-Za-z0-9+/=]+),i=([0-9]{1,7})(?:,[a-ln-zA-Z]=[^,\0]+)*$/.exec(
        serverFirst,
      );
      const [, fullNonce = "", saltText = "", count = ""] = parts ?? [];
      const salt = strictBase64(saltText);
      const iterations = Number(count);
      if (!parts || !salt || !fullNonce.startsWith(nonce) || fullNonce === nonce) return undefined;
      if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) return undefined;
      const keys = await scramKeys(prepare(password) ?? password, salt, iterations);
      const bound = Buffer.concat([
        Buffer.from(gs2Header),
        binding ? Buffer.from(binding.data) : Buffer.alloc(0),
      ]);
      const withoutProof = `c=${bound.toString("base64")},r=${fullNonce}`;
      const authMessage = `${bare},${serverFirst},${withoutProof}`;
      expected = `v=${hmac(keys.serverKey, authMessage).toString("base64")}`;
      const proof = xor(keys.clientKey, hmac(keys.storedKey, authMessage));
      return `${withoutProof},p=${proof.toString("base64")}`;
    },
    verify: (serverFinal) => expected !== undefined && constantTimeEqual(serverFinal, expected),
  };
}
