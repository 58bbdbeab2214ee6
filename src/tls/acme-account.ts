import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";

/** Our standing with an authority: a key of our own, and the URL it knows us by once we have registered. RFC 8555 §7.3 */
export interface AcmeAccount {
  readonly key: KeyObject;
  url(directoryUrl: string): string | undefined;
  remember(directoryUrl: string, url: string): Promise<void>;
  forget(): Promise<void>;
}

const accountFile = z.object({ directory: z.string(), url: z.string() });

/** The account on disk; a key is made at first use, and the same account found again after every start. */
export async function openAccount(files: AcmeFiles): Promise<AcmeAccount> {
  const known = await files.read("account-key.pem");
  const key = known === undefined ? await newKey(files) : createPrivateKey(known);
  const text = await files.read("account.json");
  const read = text === undefined ? undefined : readMessage(accountFile, text);
  let registered = read?.ok === true ? read.value : undefined;
  return {
    key,
    url: (directoryUrl) => (registered?.directory === directoryUrl ? registered.url : undefined),
    async remember(directory, url) {
      registered = { directory, url };
      await files.write("account.json", JSON.stringify(registered));
    },
    async forget() {
      registered = undefined;
      await files.remove("account.json");
    },
  };
}

async function newKey(files: AcmeFiles): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  await files.write("account-key.pem", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return privateKey;
}
