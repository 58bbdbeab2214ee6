/** Of `1.2.3` or `1.2.3-rc.1`: the three numbers, and the rest. */
const VERSION = /^([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})(-[0-9A-Za-z.-]{1,40})?$/;

export const isVersion = (text: string): boolean => VERSION.test(text);

/** Below zero: `one` is older. A version with a suffix comes before the same without. https://semver.org §11, without its fine print for suffixes. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [VERSION.exec(one), VERSION.exec(other)];
  for (const part of [1, 2, 3]) {
    const difference = Number(a?.[part] ?? 0) - Number(b?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  const [before = "", after = ""] = [a?.[4], b?.[4]];
  if (before === after) return 0;
  if (before === "") return 1;
  return after === "" || before < after ? -1 : 1;
}
