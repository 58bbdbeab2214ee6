/** What was set aside is kept this long: two weeks show what a first look does not. */
export const KEPT_MS = 14 * 24 * 3_600_000;
