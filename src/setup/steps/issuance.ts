import { phrase } from "../../doctor/words/phrase.ts";
import { comparedRecords } from "../our-records.ts";
import { done, todo, type Step } from "../step.ts";
import { hasStore } from "./domain.ts";
import { lookAt, publish, type Asked } from "./records.ts";

/**
 * CAA, once there is an account with the authority: only then the records can say that nobody but this account may have
 * certificates for the host. RFC 8657
 */
export const issuanceStep: Step = {
  id: "issuance",
  title: phrase("Who may issue (CAA)", "Wer ausstellen darf (CAA)"),
  essential: false,
  async look(job) {
    if (!(await hasStore(job))) return todo("issuance-todo");
    if ((await issuance(job)).length === 0) return done("issuance-open");
    return await lookAt(issuance, job);
  },
  act: (job) => publish(issuance, job),
};

const issuance: Asked = async (job) =>
  (await comparedRecords(job)).filter(({ record }) => record.type === "CAA");
