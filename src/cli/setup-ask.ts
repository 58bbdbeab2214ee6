import { createInterface } from "node:readline/promises";
import { OperatorError } from "../base/operator-error.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import type { Answers } from "../setup/answers.ts";
import { LETS_ENCRYPT } from "../setup/configuration-text.ts";
import type { Wishes } from "../setup/settle.ts";
import { QUESTIONS, SLIPS } from "../setup/words/questions.ts";
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
  question: string,
  suggestion: string,
  read: (text: string) => T,
  slip: (code: string, answer: string) => string | undefined,
): Promise<T> {
  for (;;) {
    const answer = await ask(question);
    try {
      return read(answer === "" ? suggestion : answer);
    } catch (error) {
      const said = error instanceof OperatorError ? slip(error.code, answer) : undefined;
      if (said === undefined) throw error;
      process.stdout.write(`  ${said}\n`);
    }
  }
}

/** What nobody has said yet, asked of the person at the terminal. */
export async function askedWishes(settled: Answers, wishes: Wishes, language: Language): Promise<Wishes> {
  const { domain } = settled;
  const slip = (code: string, answer: string): string | undefined =>
    Object.hasOwn(SLIPS, code)
      ? say(SLIPS[code as keyof typeof SLIPS], language, { answer, domain })
      : undefined;
  const asked = <T>(key: keyof typeof QUESTIONS, value: string, read: (text: string) => T): Promise<T> => {
    const question = say(QUESTIONS[key], language, { brackets: value === "" ? "" : ` [${value}]` });
    return askFor(question, value, read, slip);
  };
  process.stdout.write(`${say(QUESTIONS.hello, language, {})}\n\n`);
  const hostName = wishes.hostName ?? (await asked("hostname", settled.hostName, checkedHost));
  const known = settled.publicAddresses.join(", ");
  const publicAddresses =
    wishes.publicAddresses.length > 0
      ? wishes.publicAddresses
      : await asked(known === "" ? "address" : "address-known", known, addressList);
  const account = wishes.account ?? (await asked("account", settled.account, checkedLogin));
  const agreed = settled.acme === undefined || (await agrees(settled.acme.directory, language));
  return { ...wishes, hostName, publicAddresses, account, ...(agreed ? {} : { acmeDirectory: "none" }) };
}

const addressList = (text: string): readonly string[] =>
  text === "" ? [] : text.split(/[ ,]+/).map(checkedAddress);

async function agrees(directory: string, language: Language): Promise<boolean> {
  const terms = directory === LETS_ENCRYPT ? "https://letsencrypt.org/repository/" : new URL(directory).host;
  const authority = directory === LETS_ENCRYPT ? "Let's Encrypt" : new URL(directory).host;
  return !/^n/i.test(await ask(say(QUESTIONS.terms, language, { authority, terms })));
}

export const pauseAt = async (text: string): Promise<"go-on" | "skip"> =>
  /^s/i.test(await ask(text)) ? "skip" : "go-on";
