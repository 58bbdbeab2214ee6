/** A value that is here already, or on its way. Whoever finds it here goes on at once, without a turn of the queue. */
export type Soon<T> = T | Promise<T>;

/** Goes on with the value: now, or when it comes. */
export const whenHere = <T, U>(value: Soon<T>, goOn: (value: T) => Soon<U>): Soon<U> =>
  value instanceof Promise ? value.then(goOn) : goOn(value);

/** All of them, in order. */
export function allHere<T>(values: readonly Soon<T>[]): Soon<readonly T[]> {
  return values.every((value) => !(value instanceof Promise))
    ? (values as readonly T[])
    : Promise.all(values);
}
