export type Language = "en" | "de";
export const LANGUAGES: readonly Language[] = ["en", "de"];

/**
 * One sentence in every language. Values stand in braces; what stands in double brackets falls away where its value is
 * not known.
 */
export type Words = Readonly<Record<Language, string>>;

/**
 * The one thing an operator can do; commands are made in `exception.ts`. `table`: an entry of an access table. `link`: one
 * for the host of a link. `own-entry`: the entry that decided.
 */
export type Exception =
  | "table"
  | "link"
  | "create-account"
  | "own-entry"
  | "lift-ban"
  | "spare-client"
  | "enable-account"
  | "raise-quota"
  | "app-password"
  | "queue-flush";

/** Why something was done, and what would have changed it. */
export type ReasonWords = {
  readonly why: Words;
  readonly help?: Words;
  readonly exception?: Exception;
};

/** A reason in one line of the catalogue. */
export const reason = (
  en: string,
  de: string,
  helpEn?: string,
  helpDe?: string,
  exception?: Exception,
): ReasonWords => ({
  why: { en, de },
  ...(helpEn === undefined || helpDe === undefined ? {} : { help: { en: helpEn, de: helpDe } }),
  ...(exception === undefined ? {} : { exception }),
});
