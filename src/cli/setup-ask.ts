import { createInterface } from "node:readline/promises";
import { OperatorError } from "../base/operator-error.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import type { Answers } from "../setup/answers.ts";
import type { Wishes } from "../setup/settle.ts";
import { QUESTIONS } from "../setup/words/questions.ts";
import { checkedAddress, checkedHost, checkedLogin } from "./setup-flags.ts";

export const someoneIsThere = (): boolean => process.stdin.isTTY && process.stdout.isTTY;

/** As shells count a process that SIGINT ended. */
const INTERRUPTED = 130;

/** One line from the terminal. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D: the same command goes on another time.
  const leave = (): never => process.exit(INTERRUPTED);
  terminal.once("close", leave);
  const answer = (await terminal.question(question)).trim();
  terminal.off("close", leave);
  terminal.close();
  return answer;
}

/** Asks until the answer can be used; Enter takes what is suggested. */
async function askFor<T>(
  question: (value: string) => string,
  suggestion: string,
  read: (text: string) => T,
): Promise<T> {
  for (;;) {
    const answer = await ask(question(suggestion));
    try {
      return read(answer === "" ? suggestion : answer);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      process.stdout.write(`  ${error.message} ${error.remedy}\n`);
    }
  }
}

/** What nobody has said yet, asked of the person at the terminal. */
export async function askedWishes(settled: Answers, wishes: Wishes, language: Language): Promise<Wishes> {
  const words = (key: keyof typeof QUESTIONS) => (value: string) =>
    say(QUESTIONS[key], language, { value, authority: value });
  const hostName = wishes.hostName ?? (await askFor(words("hostname"), settled.hostName, checkedHost));
  const list = (text: string): readonly string[] =>
    text === "" ? [] : text.split(/[ ,]+/).map(checkedAddress);
  const publicAddresses =
    wishes.publicAddresses.length > 0
      ? wishes.publicAddresses
      : await askFor(words("address"), settled.publicAddresses.join(", "), list);
  const account = wishes.account ?? (await askFor(words("account"), settled.account, checkedLogin));
  const authority = settled.acme === undefined ? undefined : new URL(settled.acme.directory).host;
  const agreed = authority === undefined || !/^n/i.test(await ask(words("terms")(authority)));
  return { ...wishes, hostName, publicAddresses, account, ...(agreed ? {} : { acmeDirectory: "none" }) };
}

export const pauseAt = async (text: string): Promise<"go-on" | "skip"> =>
  /^s/i.test(await ask(text)) ? "skip" : "go-on";
