/** Rows of the keyboards most people have, each half a key further right than the one above; and the number pad. */
const KEYBOARDS: readonly (readonly string[])[] = [
  ["`1234567890-=", " qwertyuiop[]\\", " asdfghjkl;'", " zxcvbnm,./"],
  ["^1234567890ß´", " qwertzuiopü+", " asdfghjklöä#", " yxcvbnm,.-"],
  ["²1234567890)=", " azertyuiop^$", " qsdfghjklmù*", " wxcvbn,;:!"],
  ["789", "456", "123"],
];
/** Typed with shift, and the key each sits on (English layout: the one most walked along). */
const SHIFTED = '~!@#$%^&*()_+{}|:"<>?';
const UNSHIFTED = "`1234567890-=[]\\;',./";

export type Walk = { readonly length: number; readonly turns: number };
type Key = { readonly x: number; readonly y: number };

/** The longest walk over neighbouring keys that begins at `start`, with the changes of direction it takes. */
export function longestWalk(points: readonly string[], start: number): Walk {
  let longest: Walk = { length: 1, turns: 0 };
  for (const rows of KEYBOARDS) {
    const walk = walkOn(rows, points, start);
    if (walk.length > longest.length) longest = walk;
  }
  return longest;
}

function walkOn(rows: readonly string[], points: readonly string[], start: number): Walk {
  let at = keyOf(rows, points[start]);
  let direction = "";
  let turns = 0;
  let end = start + 1;
  for (; at !== undefined && end < points.length; end++) {
    const next = keyOf(rows, points[end]);
    const step = next && stepBetween(at, next);
    if (step === undefined) break;
    if (direction !== "" && step !== direction) turns++;
    direction = step;
    at = next;
  }
  return { length: end - start, turns };
}

function keyOf(rows: readonly string[], typed = " "): Key | undefined {
  const shift = SHIFTED.indexOf(typed);
  for (const key of shift < 0 ? [typed] : [typed, UNSHIFTED.charAt(shift)]) {
    const y = key === " " ? -1 : rows.findIndex((row) => row.includes(key));
    if (y >= 0) return { x: rows[y]?.indexOf(key) ?? 0, y };
  }
  return undefined;
}

/** A key has six neighbours: two beside it, two above and two below. */
function stepBetween(from: Key, to: Key): string | undefined {
  const x = to.x - from.x;
  const y = to.y - from.y;
  const beside = y === 0 && Math.abs(x) === 1;
  const above = y === -1 && (x === 0 || x === 1);
  const below = y === 1 && (x === 0 || x === -1);
  return beside || above || below ? `${x},${y}` : undefined;
}
