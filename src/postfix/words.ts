/** A word of a list and where it begins in the text of the list. */
export type Word = { readonly text: string; readonly at: number };

/**
 * Splits a list at commas and white space; what stands in `{ }` or `$( )` stays one word, so that `${name?{a b}}` and
 * `inline:{ {a = b} }` survive. Without a closing brace the rest is one word. Postfix mystrtokq(3)
 */
export function splitWords(text: string): readonly Word[] {
  const words: Word[] = [];
  let start = -1;
  const open: string[] = [];
  for (let i = 0; i <= text.length; i++) {
    const char = text.charAt(i);
    const separates = i === text.length || (open.length === 0 && /[\s,]/.test(char));
    if (separates) {
      if (start >= 0) words.push({ text: text.slice(start, i), at: start });
      start = -1;
      continue;
    }
    if (start < 0) start = i;
    if (char === "{") open.push("}");
    else if (char === "(" && text.charAt(i - 1) === "$") open.push(")");
    else if (char === open.at(-1)) open.pop();
  }
  return words;
}

/** The text inside `{ … }` where the braces enclose the whole word; `undefined` otherwise. */
export function insideBraces(text: string): string | undefined {
  if (!text.startsWith("{") || closingOf(text, 0) !== text.length - 1) return undefined;
  return text.slice(1, -1).trim();
}

/** Index of the brace or parenthesis that closes the one at `open`. */
export function closingOf(text: string, open: number): number | undefined {
  const opens = text.charAt(open);
  const closes = opens === "{" ? "}" : ")";
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text.charAt(i) === opens) depth++;
    else if (text.charAt(i) === closes && --depth === 0) return i;
  }
  return undefined;
}
