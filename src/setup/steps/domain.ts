import { addDomain } from "../../accounts/manage.ts";
import { signingRecords } from "../../accounts/signing-keys.ts";
import { phrase } from "../../doctor/words/phrase.ts";
import type { Job } from "../job.ts";
import { standingOf } from "../machine-files.ts";
import { done, refusal, todo, type Step } from "../step.ts";
import { join } from "node:path";

/** The domain and its signing keys, made on this machine and never anywhere else. */
export const domainStep: Step = {
  id: "domain",
  title: phrase("Domain and signing keys", "Domain und Signaturschlüssel"),
  essential: true,
  async look(job) {
    const { domain } = job.answers;
    if (!(await hasStore(job))) return todo("domain-todo", { domain });
    return await job.withStore(async (managing) => {
      if (!(await managing.store.directory.hasDomain(domain))) return todo("domain-todo", { domain });
      const keys = await managing.store.directory.signingKeys(domain);
      const selectors = keys.map(({ selector }) => selector).join(", ");
      return keys.length === 0 ? todo("domain-todo", { domain }) : done("domain-done", { domain, selectors });
    });
  },
  async act(job) {
    const { domain } = job.answers;
    const refused = await job.withStore(async (managing) => {
      const known = await managing.store.directory.hasDomain(domain);
      const made = known ? await signingRecords(managing, domain) : await addDomain(managing, domain);
      return made.ok ? undefined : made.error;
    });
    return refused === undefined ? await domainStep.look(job) : refusal(refused, job.language);
  },
};

/** Opening a store makes one; looking must not. */
export const hasStore = async ({ answers: { data } }: Job): Promise<boolean> =>
  (await standingOf(join(data, "store/mail.db"))) !== undefined;
