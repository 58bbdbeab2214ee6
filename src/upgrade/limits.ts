/** What was set aside is kept this long: two weeks show what a first look does not. */
export const KEPT_MS = 14 * 24 * 3_600_000;

/** Feeds are a few lines per release. */
export const FEED_OCTETS_MAX = 1024 * 1024;
export const FEED_FETCH_MS = 60_000;
export const RELEASES_MAX = 1000;
/** Letters of what a release says of itself, in either language. */
export const RELEASE_TEXT_MAX = 2000;
/** A signing machine's clock may be ahead by so much; more would shut out the feeds that follow. */
export const FEED_AHEAD_MS = 24 * 3_600_000;
