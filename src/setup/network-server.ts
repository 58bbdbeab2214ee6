import { connect } from "node:net";
import { portOf, type Answers } from "./answers.ts";

const CONNECT_MS = 3_000;
/** The server greets strangers after a pause. */
const GREETING_MS = 10_000;

/** Does our server answer on its port for mail, under its own name? */
export async function serverAnswers(answers: Answers): Promise<boolean> {
  const line = await greeting(reachable(answers.listen[0]), portOf(answers, "smtp"));
  return line?.startsWith(`220 ${answers.hostName} `) ?? false;
}

/** What listens everywhere is reached at the loopback address. */
const reachable = (address: string | undefined): string =>
  address === undefined || address === "0.0.0.0" || address === "::" ? "127.0.0.1" : address;

/** The first line a server says; undefined where nobody answers in time. */
export function greeting(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = "";
    const give = (line: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(line);
    };
    let timer = setTimeout(() => give(undefined), CONNECT_MS);
    socket.on("connect", () => {
      clearTimeout(timer);
      timer = setTimeout(() => give(undefined), GREETING_MS);
    });
    socket.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("latin1")).slice(0, 1000);
      const end = text.indexOf("\n");
      if (end >= 0) give(text.slice(0, end).trimEnd());
    });
    socket.on("error", () => give(undefined));
    socket.on("close", () => give(undefined));
  });
}
