/** The words of a Dockerfile instruction: quotes, escapes and variables as Docker's builder reads them. */
import { invalid } from "../../base/errors.ts";

/** Splits at blanks outside quotes; quotes and escapes stay in. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:\\.|"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|[^\s\\"'])+/gs)].map((match) => match[0]);
}

function unended(text: string, quote: string): Error {
  const kind = quote === '"' ? "double" : "single";
  return invalid(
    `failed to process ${JSON.stringify(text)}: unexpected end of statement while looking for matching ${kind}-quote`,
  );
}

/** Takes quotes and escapes away and puts variables of `env` in (`$a`, `${a}`, `${a:-else}`, `${a:+then}`). */
export function expandWord(text: string, env: ReadonlyMap<string, string>): string {
  let out = "";
  let i = 0;
  const variable = (): string => {
    const match = /^\$(?:\{([A-Za-z_]\w*)(?::([-+])([^}]*))?\}|([A-Za-z_]\w*))/.exec(text.slice(i));
    if (match === null) {
      i++;
      return "$";
    }
    i += match[0].length;
    const [, braced, operator, word = "", plain] = match;
    const value = env.get(braced ?? plain ?? "") ?? "";
    if (operator === "-") return value === "" ? expandWord(word, env) : value;
    if (operator === "+") return value === "" ? "" : expandWord(word, env);
    return value;
  };
  while (i < text.length) {
    const character = text[i]!;
    if (character === "'") {
      const end = text.indexOf("'", i + 1);
      if (end === -1) throw unended(text.slice(i), "'");
      out += text.slice(i + 1, end);
      i = end + 1;
    } else if (character === '"') {
      const start = i++;
      while (text[i] !== '"') {
        if (i >= text.length) throw unended(text.slice(start), '"');
        if (text[i] === "$") out += variable();
        else {
          if (text[i] === "\\" && /["$\\]/.test(text[i + 1] ?? "")) i++;
          out += text[i++];
        }
      }
      i++;
    } else if (character === "\\") {
      out += text[i + 1] ?? "";
      i += 2;
    } else if (character === "$") out += variable();
    else {
      out += character;
      i++;
    }
  }
  return out;
}

/** A JSON array of strings, where the text is one: the exec form of an instruction. */
export function execForm(text: string): string[] | undefined {
  if (!text.trim().startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
