import { invalid } from "../../base/errors.ts";

/**
 * Compiles a pattern of Go's path.Match, which Docker's reference filters are: `*` and `?` stop at a slash, `[a-z]` and
 * `[^a]` are classes, `\` takes the next character as it is. Errors: invalid `syntax error in pattern`.
 */
export function globToRegExp(pattern: string): RegExp {
  const bad = (): Error => invalid("syntax error in pattern");
  // A hyphen is special in classes alone, and quoting it elsewhere is an error.
  const quoted = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const quotedInClass = (character: string): string => (character === "-" ? "\\-" : quoted(character));
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "\\") {
      i++;
      if (i >= pattern.length) throw bad();
      source += quoted(pattern[i]!);
    } else if (character === "[") {
      const end = classEnd(pattern, i, bad);
      source += classSource(pattern.slice(i + 1, end), quotedInClass, bad);
      i = end;
    } else source += quoted(character);
  }
  return new RegExp(`^${source}$`, "su");
}

function classEnd(pattern: string, start: number, bad: () => Error): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "]" && i > start + 1) return i;
  }
  throw bad();
}

function classSource(body: string, quoted: (character: string) => string, bad: () => Error): string {
  const isNegated = body.startsWith("^");
  const characters = [...(isNegated ? body.slice(1) : body)];
  let source = "";
  for (let i = 0; i < characters.length; i++) {
    if (characters[i] === "-") {
      if (source === "" || i + 1 >= characters.length) throw bad();
      source += "-";
      continue;
    }
    if (characters[i] === "\\") i++;
    if (characters[i] === undefined) throw bad();
    source += quoted(characters[i]!);
  }
  if (source === "") throw bad();
  return `[${isNegated ? "^" : ""}${source}]`;
}
