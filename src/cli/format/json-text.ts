/** JSON as text: laid out anew without being understood, so that numbers and escapes stay as the daemon wrote them. */

/** Splits JSON into strings, punctuation and the rest; blanks are dropped. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON without blanks. */
export function compactJson(text: string): string {
  return (text.match(tokens) ?? []).join("");
}

/** JSON with one member per line, each level indented by `indent`. Empty objects and lists stay on one line. */
export function indentJson(text: string, indent: string): string {
  const words = text.match(tokens) ?? [];
  const parts: string[] = [];
  let depth = 0;
  for (const [index, word] of words.entries()) {
    const before = words[index - 1];
    const isEmpty = (word === "}" && before === "{") || (word === "]" && before === "[");
    if ((word === "}" || word === "]") && !isEmpty) parts.push("\n", indent.repeat(--depth));
    parts.push(word);
    if (word === "," || word === ":") parts.push(word === "," ? `\n${indent.repeat(depth)}` : " ");
    if (word === "{" || word === "[") {
      const after = words[index + 1];
      if (after !== "}" && after !== "]") parts.push("\n", indent.repeat(++depth));
    }
  }
  return parts.join("");
}
