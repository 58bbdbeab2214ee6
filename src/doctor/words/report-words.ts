import { phrase } from "./phrase.ts";

/** What stands around the findings. */
export const REPORT_WORDS = {
  summary: phrase(
    "Score {percent} of 100: {ok} ok, {warn} warnings, {fail} failures, {unknown} unknown.",
    "{percent} von 100 Punkten: {ok} in Ordnung, {warn} Warnungen, {fail} Fehler, {unknown} unbekannt.",
  ),
  notLooked: phrase("not looked at, {subject}: {titles}", "nicht angesehen, {subject}: {titles}"),
} as const;
