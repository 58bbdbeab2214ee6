/** Longer than any honest record; whoever writes longer ones would choose how much we keep. */
const TEXT_MAX = 4_096;

/**
 * A pure function of a text that remembers what it gave: for what costs more to read than to look up and comes again with
 * every message (keys, records). Holds at most twice `generation_entries`: the young ones, and those before them; what is
 * asked for again becomes young, the rest goes when a generation is full. A long text is read anew each time.
 */
export function remembered<T>(generation_entries: number, make: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (text) => {
    if (text.length > TEXT_MAX) return make(text);
    const known = young.get(text);
    if (known !== undefined) return known;
    const value = old.get(text) ?? make(text);
    if (young.size >= generation_entries) {
      old = young;
      young = new Map();
    }
    young.set(text, value);
    return value;
  };
}
