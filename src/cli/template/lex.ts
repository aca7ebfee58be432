/** Splits a template into text and the words of its actions. */
import { quote } from "../../base/quote.ts";
import { TemplateError } from "./template-error.ts";

/** A word of an action, or text between actions. */
export interface Token {
  readonly kind:
    | "text"
    | "open"
    | "close"
    | "space"
    | "field"
    | "variable"
    | "word"
    | "number"
    | "string"
    | "character"
    | "dot"
    | "nil"
    | "boolean"
    | "keyword"
    | "punctuation"
    | "end";
  readonly text: string;
  readonly position: number;
}

const keywords = new Set(["if", "else", "end", "range", "with", "template", "define", "block", "break", "continue"]);

/** The line on which `position` is, from 1. */
export function lineAt(source: string, position: number): number {
  return source.slice(0, position).split("\n").length;
}

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ["character", /'(?:[^'\\\n]|\\[^\n])+'/y],
  ["number", /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ["variable", /\$[\p{L}_\p{Nd}]*/uy],
  ["field", /\.[\p{L}_\p{Nd}]+/uy],
  ["dot", /\./y],
  ["word", /[\p{L}_][\p{L}_\p{Nd}]*/uy],
  ["punctuation", /:=|[=|(),]/y],
];

/** All tokens of a template. Throws a {@link TemplateError} where it is not one. */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const fail = (reason: string): never => {
    throw new TemplateError(`template: :${lineAt(source, at)}: ${reason}`);
  };
  let isTrimming = false;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const end = open === -1 ? source.length : open;
    const trimsBefore = open !== -1 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    let text = source.slice(at, end);
    if (isTrimming) text = text.replace(/^[ \t\r\n]+/, "");
    if (trimsBefore) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") tokens.push({ kind: "text", text, position: at });
    isTrimming = false;
    if (open === -1) break;
    const contentAt = open + (trimsBefore ? 3 : 2);
    const comment = /^\s*\/\*/.exec(source.slice(contentAt));
    if (comment !== null) {
      at = contentAt;
      const close = source.indexOf("*/", contentAt);
      if (close === -1) fail("unclosed comment");
      const after = /^(\s-)?\}\}/.exec(source.slice(close + 2));
      if (after === null) fail("comment ends before closing delimiter");
      isTrimming = after?.[1] !== undefined;
      at = close + 2 + (after?.[0].length ?? 0);
      continue;
    }
    tokens.push({ kind: "open", text: "{{", position: open });
    at = contentAt;
    let depth = 0;
    for (;;) {
      const rest = source.slice(at, at + 4);
      if (/^[ \t\r\n]-\}\}/.test(rest) || rest.startsWith("}}")) {
        if (depth > 0) fail("unclosed left paren");
        isTrimming = !rest.startsWith("}}");
        tokens.push({ kind: "close", text: "}}", position: at });
        at += isTrimming ? 4 : 2;
        break;
      }
      if (at >= source.length) fail("unclosed action");
      const space = /[ \t\r\n]+/y;
      space.lastIndex = at;
      const blank = space.exec(source)?.[0];
      if (blank !== undefined) {
        // A trim marker needs its blank: leave that to it.
        const isBeforeTrim = source.startsWith("-}}", at + blank.length);
        const length = isBeforeTrim ? blank.length - 1 : blank.length;
        if (length > 0) {
          tokens.push({ kind: "space", text: blank, position: at });
          at += length;
        }
        continue;
      }
      const token = wordAt(source, at, fail);
      if (token.text === "(") depth++;
      if (token.text === ")" && --depth < 0) fail("unexpected right paren");
      tokens.push(token);
      at += token.text.length;
    }
  }
  tokens.push({ kind: "end", text: "", position: source.length });
  return tokens;
}

function wordAt(source: string, at: number, fail: (reason: string) => never): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined || (kind === "number" && /^[+-]$/.test(text))) continue;
    const after = String.fromCodePoint(source.codePointAt(at + text.length) ?? 32);
    if (kind === "number" && /[\p{L}_\p{Nd}]/u.test(after)) fail(`bad number syntax: ${quote(text + after)}`);
    const needsTerminator = kind === "word" || kind === "field" || kind === "variable" || kind === "dot";
    if (needsTerminator && !/[\s.,|:()]/.test(after) && !source.startsWith("}}", at + text.length)) {
      fail(`bad character ${codePoint(after)}`);
    }
    if (kind !== "word") return { kind, text, position: at };
    if (text === "nil") return { kind: "nil", text, position: at };
    if (text === "true" || text === "false") return { kind: "boolean", text, position: at };
    return { kind: keywords.has(text) ? "keyword" : "word", text, position: at };
  }
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character === '"') return fail("unterminated quoted string");
  if (character === "`") return fail("unterminated raw quoted string");
  if (character === "'") return fail("unterminated character constant");
  if (!/[!-~]/.test(character)) return fail(`unrecognized character in action: ${codePoint(character)}`);
  return { kind: "punctuation", text: character, position: at };
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")} '${character}'`;
}
