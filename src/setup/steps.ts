import type { Step } from "./step.ts";
import { accountStep } from "./steps/account.ts";
import { certificateStep } from "./steps/certificate.ts";
import { configurationStep } from "./steps/configuration.ts";
import { directoriesStep } from "./steps/directories.ts";
import { domainStep } from "./steps/domain.ts";
import { issuanceStep } from "./steps/issuance.ts";
import { pinnedKeyStep } from "./steps/pinned-key.ts";
import { preflightStep } from "./steps/preflight.ts";
import { recordsStep } from "./steps/records.ts";
import { selfTestStep } from "./steps/self-test.ts";
import { serviceStep } from "./steps/service.ts";
import { startStep } from "./steps/start.ts";
import { userStep } from "./steps/user.ts";

/** The whole way, in order. */
export const STEPS: readonly Step[] = [
  preflightStep,
  userStep,
  directoriesStep,
  configurationStep,
  domainStep,
  accountStep,
  serviceStep,
  recordsStep,
  certificateStep,
  issuanceStep,
  pinnedKeyStep,
  startStep,
  selfTestStep,
];
