import { phrase } from "../../doctor/words/phrase.ts";
import { isRoot, runProgram, systemUser } from "../machine-users.ts";
import { done, failed, todo, type Step } from "../step.ts";

/** A user of its own, without a shell and without a password: what breaks into the server is nobody else. */
export const userStep: Step = {
  id: "user",
  title: phrase("User of the server", "Benutzer des Servers"),
  essential: true,
  async look({ answers: { user } }) {
    if (user === undefined) return done("user-yourself");
    const known = await systemUser(user);
    if (known?.uid === 0)
      return failed("user-is-root", { user }, { remedy: { word: "user-choose", values: {} } });
    return known === undefined ? todo("user-todo", { user }) : done("user-done", { user });
  },
  async act(job) {
    const { user = "", data } = job.answers;
    if ((await systemUser(user))?.uid === 0) return await userStep.look(job);
    const program = "useradd";
    const args = [
      "--system",
      "--user-group",
      "--home-dir",
      data,
      "--no-create-home",
      "--shell",
      "/usr/sbin/nologin",
    ];
    const command = `${program} ${[...args, user].join(" ")}`;
    const remedy = { word: "run-as-root", values: { command } } as const;
    if (!isRoot()) return failed("user-not-root", { user }, { remedy });
    const { status, output } = await runProgram(program, [...args, user]);
    return status === 0 ? await userStep.look(job) : failed("user-failed", { user, output }, { remedy });
  },
};
