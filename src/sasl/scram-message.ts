/** The messages of SCRAM, parsed totally. RFC 5802 §7 */

export type ClientFirst = {
  /** `n,,` / `y,,` / `p=tls-exporter,,` as sent: it comes back in the channel binding. */
  readonly gs2Header: string;
  readonly bindingFlag: "n" | "y" | "p";
  readonly bindingName: string | undefined;
  readonly authzid: string | undefined;
  readonly username: string;
  readonly nonce: string;
  /** client-first-message-bare */
  readonly bare: string;
};

/**
 *     client-first-message = gs2-cbind-flag "," [authzid] "," [reserved-mext ","] username "," nonce ["," extensions]
 */
export function parseClientFirst(text: string): ClientFirst | undefined {
  const gs2 = /^(n|y|p=([A-Za-z0-9.-]{1,64})),(?:a=([^,]{1,1024}))?,/.exec(text);
  if (!gs2) return undefined;
  const bare = text.slice(gs2[0].length);
  // m= is a mandatory extension, and there is none that we know: it matches nowhere.
  const names = /^n=([^,]{1,1024}),r=([!-+\--~]{8,512})(?:,[a-ln-zA-Z]=[^,\0]+)*$/.exec(bare);
  const username = decodeName(names?.[1]);
  const authzid = gs2[3] === undefined ? undefined : decodeName(gs2[3]);
  if (names?.[2] === undefined || username === undefined) return undefined;
  if (gs2[3] !== undefined && authzid === undefined) return undefined;
  const bindingFlag = gs2[1]?.startsWith("p") ? "p" : gs2[1] === "y" ? "y" : "n";
  return { gs2Header: gs2[0], bindingFlag, bindingName: gs2[2], authzid, username, nonce: names[2], bare };
}

export type ClientFinal = {
  /** Decoded `c=`. */
  readonly channelBinding: Buffer;
  readonly nonce: string;
  readonly proof: Buffer;
  readonly withoutProof: string;
};

/**
 *     client-final-message = channel-binding "," nonce ["," extensions] "," proof
 */
export function parseClientFinal(text: string): ClientFinal | undefined {
  const parts =
    /^(c=([A-Za-z0-9+/=]{1,2048}),r=([!-+\--~]{8,1024})(?:,[a-ln-zA-Z]=[^,\0]+)*),p=([A-Za-z0-9+/=]{1,256})$/.exec(
      text,
    );
  if (!parts) return undefined;
  const [, withoutProof = "", binding = "", nonce = "", proof = ""] = parts;
  const channelBinding = strictBase64(binding);
  const proofOctets = strictBase64(proof);
  return channelBinding && proofOctets
    ? { channelBinding, nonce, proof: proofOctets, withoutProof }
    : undefined;
}

/** `=2C` and `=3D` are the only escapes of a saslname. RFC 5802 §5.1 */
function decodeName(name: string | undefined): string | undefined {
  if (name === undefined || /=(?!2C|3D)/.test(name)) return undefined;
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

export const encodeName = (name: string): string => name.replaceAll("=", "=3D").replaceAll(",", "=2C");

export function strictBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, "base64");
  return octets.toString("base64") === text ? octets : undefined;
}
