/** One word of a restriction list with its place. `grouped`: it stood in braces, which are gone. */
export type Token = { readonly text: string; readonly offset: number; readonly grouped: boolean };

/** Splits at commas and white space; what stands in braces stays together. `unclosed`: where a brace was left open. */
export function tokens(text: string): { readonly tokens: readonly Token[]; readonly unclosed?: number } {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSeparator(text.charAt(at))) {
      at++;
      continue;
    }
    const end = tokenEnd(text, at);
    if (end === undefined) return { tokens: found, unclosed: at };
    const raw = text.slice(at, end);
    const grouped = raw.startsWith("{") && raw.endsWith("}");
    found.push({ text: grouped ? raw.slice(1, -1).trim() : raw, offset: at, grouped });
    at = end;
  }
  return { tokens: found };
}

const isSeparator = (char: string): boolean => /^[\s,]$/.test(char);

function tokenEnd(text: string, from: number): number | undefined {
  let depth = 0;
  let at = from;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "{") depth++;
    else if (char === "}") depth--;
    else if (depth <= 0 && isSeparator(char)) break;
  }
  return depth > 0 ? undefined : at;
}
