import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { unescape } from "./dialog.ts";

const PATIENCE_MS = 5_000;

/** What `<word>` stood for when it was first seen. */
export type Words = Map<string, string>;

/** A client's part of a dialog. */
export class DialogClient {
  #stream: Duplex;
  readonly #words: Words;
  #seen = "";
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex, words: Words) {
    this.#stream = stream;
    this.#words = words;
    this.#attach(stream);
  }

  send(octets: string): void {
    const text = octets.replace(/<([a-z]+)>/g, (all, word: string) => this.#words.get(word) ?? all);
    this.#stream.write(Buffer.from(text, "latin1"));
  }

  /** The next line must be this one; `soon`: others may come before it. */
  async expect(want: string, soon: boolean): Promise<void> {
    for (;;) {
      const line = await this.#line();
      if (this.#isLike(line, want)) return;
      if (!soon) assert.equal(line, want);
    }
  }

  assertQuiet(): void {
    assert.equal(this.#seen, "", "the server spoke");
  }

  async closed(): Promise<void> {
    while (!this.#ended) await this.#more();
    this.assertQuiet();
  }

  hangUp(): void {
    this.#stream.destroy();
  }

  async startTls(): Promise<void> {
    assert.equal(this.#seen, "", "the server spoke before TLS");
    const plain = this.#stream;
    for (const event of ["data", "end", "close"]) plain.removeAllListeners(event);
    const secure = connectTls({ socket: plain, rejectUnauthorized: false, servername: "mx.wachpost.test" });
    this.#stream = secure;
    await new Promise<void>((resolve, reject) => {
      secure.once("secureConnect", resolve);
      secure.once("error", reject);
    });
    this.#attach(secure);
  }

  #isLike(line: string, want: string): boolean {
    const found = new Map<string, string>();
    const open = want.endsWith(" ...");
    const text = open ? want.slice(0, -3) : want;
    const names: string[] = [];
    const pattern = text
      .split(/(<[a-z]+>)/)
      .map((part) => {
        const word = /^<([a-z]+)>$/.exec(part)?.[1];
        if (word === undefined) return escapeExpression(unescape(part));
        const known = this.#words.get(word);
        if (known !== undefined) return escapeExpression(known);
        names.push(word);
        return "([0-9A-Za-z_.-]+)";
      })
      .join("");
    const match = new RegExp(`^${pattern}${open ? "[^]*" : ""}$`).exec(line);
    if (match === null) return false;
    for (const [i, name] of names.entries()) found.set(name, match[i + 1] ?? "");
    for (const [name, value] of found) this.#words.set(name, value);
    return true;
  }

  /** The next line without its ending, one character per octet; fails when none comes. */
  async #line(): Promise<string> {
    for (;;) {
      const at = this.#seen.indexOf("\r\n");
      if (at >= 0) {
        const line = this.#seen.slice(0, at);
        this.#seen = this.#seen.slice(at + 2);
        return line;
      }
      if (this.#ended) throw new Error(`closed; rest: ${JSON.stringify(this.#seen)}`);
      await this.#more();
    }
  }

  #attach(stream: Duplex): void {
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.on("data", (chunk: Buffer) => {
      this.#seen += chunk.toString("latin1");
      this.#wake?.();
    });
    for (const event of ["end", "close", "error"]) stream.on(event, end);
  }

  async #more(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(
        () => reject(new Error(`nothing came; rest: ${JSON.stringify(this.#seen)}`)),
        PATIENCE_MS,
      );
    }).finally(() => clearTimeout(timer));
  }
}

const escapeExpression = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
