import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";

/** Our standing with an authority: a key of our own, and the URL it knows us by once we have registered. RFC 8555 §7.3 */
export interface AcmeAccount {
  readonly key: KeyObject;
  url(directoryUrl: string): string | undefined;
  /** Whether it is known what CAA records call the authority. */
  isNamed(directoryUrl: string): boolean;
  /** `identities`: what CAA records call the authority, where it says so. */
  remember(directoryUrl: string, url: string, identities?: readonly string[]): Promise<void>;
  forget(): Promise<void>;
}

const accountFile = z.object({
  directory: z.string(),
  url: z.string(),
  identities: z.array(z.string()).optional(),
});
type Registered = z.infer<typeof accountFile>;

/** Our account with the authority of this directory, as it was written down. */
export async function registeredAccount(
  files: Pick<AcmeFiles, "read">,
  directoryUrl: string,
): Promise<Registered | undefined> {
  const text = await files.read("account.json");
  const read = text === undefined ? undefined : readMessage(accountFile, text);
  return read?.ok === true && read.value.directory === directoryUrl ? read.value : undefined;
}

/** The account on disk; a key is made at first use, and the same account found again after every start. */
export async function openAccount(files: AcmeFiles): Promise<AcmeAccount> {
  const known = await files.read("account-key.pem");
  const key = known === undefined ? await newKey(files) : createPrivateKey(known);
  const text = await files.read("account.json");
  const read = text === undefined ? undefined : readMessage(accountFile, text);
  let registered: Registered | undefined = read?.ok === true ? read.value : undefined;
  return {
    key,
    url: (directoryUrl) => (registered?.directory === directoryUrl ? registered.url : undefined),
    isNamed: (directoryUrl) => registered?.directory === directoryUrl && registered.identities !== undefined,
    async remember(directory, url, identities) {
      registered = { directory, url, ...(identities === undefined ? {} : { identities: [...identities] }) };
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
