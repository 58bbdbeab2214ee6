import { phrase } from "../../doctor/words/phrase.ts";
import { makeDirectory, standingOf } from "../machine-files.ts";
import { giveTo } from "../machine-owner.ts";
import { done, failed, todo, type Step } from "../step.ts";

const PRIVATE = 0o700;

/** The data directory is the server's alone (mail, keys, queue). */
export const directoriesStep: Step = {
  id: "directories",
  title: phrase("Data directory", "Datenverzeichnis"),
  essential: true,
  async look(job) {
    const { data } = job.answers;
    const found = await standingOf(data);
    if (found === undefined) return todo("directory-todo", { data });
    if (!found.directory) return failed("directory-is-file", { data });
    const owner = await job.owner();
    const right = found.mode === PRIVATE && (owner === undefined || found.uid === owner.uid);
    return right ? done("directory-done", { data }) : todo("directory-mode", { data });
  },
  async act(job) {
    const { data } = job.answers;
    const found = await standingOf(data);
    if (found?.directory === false) return failed("directory-is-file", { data });
    await makeDirectory(data, PRIVATE);
    await giveTo(await job.owner(), data);
    return await directoriesStep.look(job);
  },
};
