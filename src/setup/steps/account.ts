import { addAccount, setPassword, type Managing } from "../../accounts/manage.ts";
import { OperatorError } from "../../base/operator-error.ts";
import type { Result } from "../../base/result.ts";
import type { Secret } from "../../base/secret.ts";
import { phrase, say } from "../../doctor/words/phrase.ts";
import type { Job } from "../job.ts";
import { done, refusal, todo, type Step } from "../step.ts";
import { SENTENCES } from "../words/sentences.ts";
import { hasStore } from "./domain.ts";

/** The first person. A generated password is shown once; one that nobody saw, because the run was cut off, is replaced. */
export const accountStep: Step = {
  id: "account",
  title: phrase("First account", "Erstes Konto"),
  essential: true,
  async look(job) {
    const { account } = job.answers;
    const known = (await hasStore(job)) && (await job.withStore((managing) => isThere(managing, account)));
    if (!known) return todo("account-todo", { account });
    return job.state.passwordSeen ? done("account-done", { account }) : todo("account-unseen", { account });
  },
  async act(job) {
    const { account } = job.answers;
    // Before the account exists: from here on, a run that is cut off has a password that nobody knows.
    await job.save({ passwordSeen: false });
    const made = await job.withStore((managing) => withPassword(managing, job));
    if (!made.ok) return refusal(made.error, job.language);
    const password = made.value.generated;
    if (password !== undefined)
      job.show(say(SENTENCES["account-password"], job.language, { account, password: password.reveal() }));
    await job.save({ passwordSeen: true });
    return done("account-done", { account });
  },
};

const isThere = async ({ store }: Managing, login: string): Promise<boolean> =>
  (await store.directory.accountByLogin(login)) !== undefined;

async function withPassword(
  managing: Managing,
  { answers: { account }, password: chosen }: Job,
): Promise<Result<{ readonly generated?: Secret }, OperatorError>> {
  const password =
    chosen === undefined ? ({ kind: "generate" } as const) : ({ kind: "chosen", password: chosen } as const);
  if (await isThere(managing, account)) return await setPassword(managing, account, password);
  const person = { login: account, displayName: "", quota_octets: 0, administrator: true };
  return await addAccount(managing, { ...person, password });
}
