/** Backup and trial restore in a thread of their own: checking every row takes long, and mail must not wait for it. */
import { parentPort, Worker, workerData } from "node:worker_threads";
import { OperatorError } from "../base/operator-error.ts";
import { makeBackup, type BackupOrder } from "./make-backup.ts";
import { drill } from "./restore-archive.ts";
import { parseKey, type ArchiveSecret } from "./archive-key.ts";
import { Secret } from "../base/secret.ts";

/** What crosses to the thread: text, since a `Secret` does not travel. */
type SecretText = { readonly kind: "key" | "passphrase"; readonly text: string };
export type ThreadWork =
  | { readonly kind: "backup"; readonly secret: SecretText; readonly order: Omit<BackupOrder, "secret"> }
  | {
      readonly kind: "drill";
      readonly secret: SecretText;
      readonly file: string;
      readonly data: string;
      readonly now_ms: number;
    };
type Outcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly remedy: string };

/** Does it and tells what came of it; rejects with `OperatorError`. */
export async function inThread(work: ThreadWork): Promise<string> {
  const worker = new Worker(new URL(import.meta.url), { workerData: work, name: `backup-${work.kind}` });
  worker.unref();
  const outcome = await new Promise<Outcome>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread ended without an answer")));
  });
  if (outcome.ok) return outcome.text;
  throw new OperatorError(outcome.code, outcome.message, outcome.remedy);
}

function secretOf({ kind, text }: SecretText): ArchiveSecret {
  if (kind === "passphrase") return { kind, passphrase: new Secret(text) };
  const key = parseKey(text);
  if (key !== undefined) return { kind, key };
  throw new OperatorError(
    "bad-key",
    "The key file holds no backup key.",
    "`wachpost backup key FILE` makes one.",
  );
}

async function perform(work: ThreadWork): Promise<string> {
  const secret = secretOf(work.secret);
  if (work.kind === "backup") {
    const { file, octets, lacking } = await makeBackup({ ...work.order, secret });
    return `${file}, ${octets} octets${lacking.map((one) => `, without ${one}`).join("")}`;
  }
  const { messages } = await drill(work.file, secret, work.data, work.now_ms);
  return `${work.file}, ${messages} messages`;
}

async function answer(work: ThreadWork): Promise<Outcome> {
  try {
    return { ok: true, text: await perform(work) };
  } catch (error) {
    const { code = "internal", remedy = "" } = error as { code?: string; remedy?: string };
    return { ok: false, code, message: error instanceof Error ? error.message : String(error), remedy };
  }
}

if (parentPort && isWork(workerData)) void answer(workerData).then((said) => parentPort?.postMessage(said));

/** This file is also loaded by threads that have other work. */
function isWork(data: unknown): data is ThreadWork {
  const kind = (data as { kind?: unknown } | null)?.kind;
  return kind === "backup" || kind === "drill";
}
