import type { RecordData } from "../dns/answer.ts";

type CaaRecord = RecordData["CAA"];

/** Who has to be let through: our authority, and where it is known our account there and the way we prove names. */
export type CaaApplicant = {
  /** Any of these names is the authority. RFC 8555 §9.7.6 */
  readonly identities: readonly string[];
  readonly account?: CaaAccount | undefined;
};
export type CaaAccount = { readonly uri: string; readonly method: string };

/** What stands in the way. */
export type CaaVerdict = "allowed" | "authority" | "account" | "method";

/** Whether one of the records lets it issue names without `*`. RFC 8659 §4.2, RFC 8657 §3, §4 */
export function caaVerdict(records: readonly CaaRecord[], { identities, account }: CaaApplicant): CaaVerdict {
  const names = identities.map((name) => name.toLowerCase());
  const verdicts = records
    .filter(({ tag }) => tag.toLowerCase() === "issue")
    .map(({ value }) => parseIssueValue(value))
    .filter(({ issuer }) => names.includes(issuer))
    .map(({ parameters }) => verdictOf(parameters, account));
  return verdicts.find((verdict) => verdict === "allowed") ?? verdicts[0] ?? "authority";
}

type IssueValue = {
  readonly issuer: string;
  /** Undefined where they cannot be read: nobody is let through then. */
  readonly parameters: readonly (readonly [tag: string, value: string])[] | undefined;
};

/**
 * issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]]; parameter = tag *WSP "=" *WSP value.
 * RFC 8659 §4.2
 */
export function parseIssueValue(text: string): IssueValue {
  const [name = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = rest.filter((part) => part !== "").map(parseParameter);
  const isReadable = parameters.every((parameter) => parameter !== undefined);
  return { issuer: name.toLowerCase(), parameters: isReadable ? parameters : undefined };
}

function parseParameter(text: string): readonly [string, string] | undefined {
  const at = text.indexOf("=");
  const [tag, value] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  return /^[A-Za-z0-9-]+$/.test(tag) && /^[!-~]*$/.test(value) ? [tag.toLowerCase(), value] : undefined;
}

/** A parameter that stands there twice lets nobody through. */
function verdictOf(parameters: IssueValue["parameters"], account: CaaAccount | undefined): CaaVerdict {
  if (parameters === undefined) return "authority";
  if (account === undefined) return "allowed";
  const named = (tag: string): readonly string[] =>
    parameters.filter(([name]) => name === tag).map(([, value]) => value);
  const [uris, methods] = [named("accounturi"), named("validationmethods")];
  if (uris.length > 1 || uris.some((uri) => uri !== account.uri)) return "account";
  if (methods.length > 1 || methods.some((list) => !list.split(",").includes(account.method)))
    return "method";
  return "allowed";
}

/**
 * The records that speak of a certificate for `name`, as records about an ordinary one: with `*`, `issuewild` where there
 * is one. RFC 8659 §4.3
 */
export function issueRecords(records: readonly CaaRecord[], name: string): readonly CaaRecord[] {
  const wild = records.filter(({ tag }) => tag.toLowerCase() === "issuewild");
  if (!name.startsWith("*.") || wild.length === 0) return records;
  const others = records.filter(({ tag }) => tag.toLowerCase() !== "issue");
  return [...others, ...wild.map((record) => ({ ...record, tag: "issue" }))];
}

const CRITICAL = 0x80;
/** The properties registered with IANA. RFC 8659 §4, RFC 9495, CA/Browser Forum */
const REGISTERED = ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"];

/** A property that must be understood and that no authority knows: then nobody may issue. RFC 8659 §4.1, §4.5 */
export const unknownCritical = (records: readonly CaaRecord[]): CaaRecord | undefined =>
  records.find(({ flags, tag }) => (flags & CRITICAL) !== 0 && !REGISTERED.includes(tag.toLowerCase()));

/** The value of an `issue` record that lets nobody through but our account, with our proof. */
export const strictIssue = (identity: string, { uri, method }: CaaAccount): string =>
  `${identity}; validationmethods=${method}; accounturi=${uri}`;
