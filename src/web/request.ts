import type { Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";

/** What a route may know of a request. */
export type WebRequest = {
  readonly method: "GET" | "HEAD" | "POST";
  /** Decoded, begins with `/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of the Host field, without the port; undefined for an address or nonsense. */
  readonly host: Domain | undefined;
  readonly acceptLanguage: string;
  readonly body: string;
  readonly client: IpAddress;
};

export type WebResponse = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Answers every request; it rejects only where there is a bug or the store is broken. */
export type WebAnswer = (request: WebRequest) => Promise<WebResponse>;

export const HTML = "text/html; charset=utf-8";
export const XML = "text/xml; charset=utf-8";
export const TEXT = "text/plain; charset=utf-8";
export const JSON_TYPE = "application/json; charset=utf-8";

export const content = (type: string, body: string): WebResponse => ({ status: 200, type, body });

/** A refusal in one line a person can read. */
export const refusal = (status: number, text: string): WebResponse => ({
  status,
  type: TEXT,
  body: `${text}\n`,
});

export const noSuchPage = refusal(404, "There is nothing here.");
export const noSuchDomain = refusal(404, "This server has no mail for that domain.");
