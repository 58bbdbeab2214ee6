import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What an ACME client has to remember, one small file each, mode 0600 in a directory of mode 0700 (T-44). */
export interface AcmeFiles {
  read(name: AcmeFileName): Promise<string | undefined>;
  /** All of it or nothing of it: written beside, then renamed. */
  write(name: AcmeFileName, content: string): Promise<void>;
  remove(name: AcmeFileName): Promise<void>;
}
export type AcmeFileName =
  /** The account's key; whoever has it can have certificates of our names revoked. */
  | "account-key.pem"
  /** The account's URL, and of which directory. */
  | "account.json"
  /** The key and the chain that are served, in one file so that they cannot part. */
  | "served.pem"
  /** The key of a later certificate, whose TLSA record can be published already. */
  | "next-key.pem"
  /** What was seen of TLSA records in the DNS. */
  | "tlsa.json"
  /** Of which keys records were published. */
  | "tlsa-published.json"
  /** The order under way and the key it is for. */
  | "order.json"
  /** When to renew, and what the last failure was. */
  | "renewal.json";

/** The files below `directory`, which is made when something is first written. */
export function acmeFiles(directory: string): AcmeFiles {
  return {
    async read(name) {
      try {
        return await readFile(join(directory, name), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async write(name, content) {
      const file = join(directory, name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(`${file}.new`, content, { mode: 0o600, flush: true });
      await rename(`${file}.new`, file);
    },
    remove: (name) => rm(join(directory, name), { force: true }),
  };
}

/** PEM of whom to trust beside the usual authorities; undefined where it cannot be read. */
export const authoritiesIn = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch(() => undefined);
