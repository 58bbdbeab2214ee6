import { OperatorError } from "../base/operator-error.ts";
import type { Job } from "./job.ts";
import { failed, refusal, type Look, type Step } from "./step.ts";
import { STEPS } from "./steps.ts";

export type StepResult = { readonly step: Step; readonly look: Look };

/** Every step in turn: looked at, taken where it is not done yet, noted. Ends at an essential one that failed. */
export async function takeSteps(
  job: Job,
  told: (result: StepResult) => void,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of STEPS) {
    const look = await guarded(job, async () => {
      const before = await step.look(job);
      return before.standing === "todo" || (before.standing === "failed" && !step.essential)
        ? await step.act(job)
        : before;
    });
    results.push({ step, look });
    told({ step, look });
    const steps = { ...job.state.steps, [step.id]: { standing: look.standing, at_ms: job.clock.now() } };
    await guarded(job, async () => {
      await job.save({ steps });
      return look;
    });
    if (look.standing === "failed" && step.essential) break;
  }
  return results;
}

/** How it stands, without changing anything: `setup status`, `--dry-run`. */
export async function lookAtSteps(job: Job): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of STEPS) results.push({ step, look: await guarded(job, () => step.look(job)) });
  return results;
}

/** What the system or a lower room refuses becomes a sentence with a remedy; everything else is a bug and flies on. */
async function guarded(job: Job, work: () => Promise<Look>): Promise<Look> {
  try {
    return await work();
  } catch (error) {
    const look = asLook(error, job);
    if (look === undefined) throw error;
    return look;
  }
}

const AGAIN = { word: "again-fix", values: {} } as const;

function asLook(error: unknown, { answers: { data }, language }: Job): Look | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path = data, message }: NodeJS.ErrnoException = error;
  if (error instanceof OperatorError && error.code === "store-full") return full(data);
  if (error instanceof OperatorError) return refusal(error, language);
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return full(path);
    case "EACCES":
    case "EPERM":
      return failed("not-allowed", { path }, { remedy: { word: "not-allowed-fix", values: {} } });
    case "EROFS":
      return failed("read-only", { path }, { remedy: AGAIN });
    default:
      return code === undefined ? undefined : failed("system-error", { message }, { remedy: AGAIN });
  }
}

const full = (path: string): Look =>
  failed("disk-full", { path }, { remedy: { word: "disk-full-fix", values: {} } });
