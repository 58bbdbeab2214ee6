/** Answers that come back from the journal: what has not the shape of an answer is none. Total. */

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** `type` as it stands in the question: `MX`, `A`, … */
export function isDnsAnswer(value: unknown, type: string): boolean {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "failure":
      return typeof value["reason"] === "string";
    case "nodata":
    case "nxdomain":
      return true;
    case "records":
      return Array.isArray(value["records"]) && value["records"].every((record) => isRecord(record, type));
    default:
      return false;
  }
}

/** Of the types that rules ask for only MX is more than a text. */
const isRecord = (record: unknown, type: string): boolean =>
  type === "MX"
    ? isObject(record) && typeof record["preference"] === "number" && typeof record["exchange"] === "string"
    : typeof record === "string";

export const isTableAnswer = (value: unknown): boolean =>
  value === "none" ||
  value === "no-such-table" ||
  (isObject(value) && typeof value["key"] === "string" && typeof value["value"] === "string");

export const isListState = (value: unknown): boolean => value === "on" || value === "off";
export const isCount = (value: unknown): boolean => typeof value === "number";
