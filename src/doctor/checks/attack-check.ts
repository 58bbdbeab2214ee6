import { advisoriesOf } from "../attack/advisories.ts";
import { check, type Check, type Family } from "./check.ts";

/** An attack of our own; the published holes of others that it tries stand in its source. */
export const attack = (id: string, family: Family, en: string, de: string, source: string): Check =>
  check(family, en, de, [source, ...advisoriesOf(id)].join(", "));
