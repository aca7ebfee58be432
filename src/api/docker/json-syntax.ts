/**
 * Finds out why a text is not JSON, in the words that Docker uses. The parser of the language is faster but says it
 * differently; this one runs only after that one has failed.
 */

/** What is wrong with a JSON text. */
export class JsonSyntaxError extends Error {}

const whitespace = /[ \t\r\n]*/y;
const numberCharacters = /[0-9]+/y;
const plainCharacters = /[^"\\\u0000-\u001f]*/y;

function quoted(character: string): string {
  if (character === "'") return "'\\''";
  return `'${JSON.stringify(character).slice(1, -1).replaceAll('\\"', '"')}'`;
}

class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  peek(): string {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) throw new JsonSyntaxError("unexpected EOF");
    return String.fromCodePoint(code);
  }

  refuse(where: string): never {
    throw new JsonSyntaxError(`invalid character ${quoted(this.peek())} ${where}`);
  }

  value(): void {
    this.skip(whitespace);
    const first = this.peek();
    if (first === "{") this.object();
    else if (first === "[") this.array();
    else if (first === '"') this.string();
    else if (first === "-" || /[0-9]/.test(first)) this.number();
    else {
      const literal = ["true", "false", "null"].find((word) => word.startsWith(first));
      if (literal === undefined) this.refuse("looking for beginning of value");
      else this.literal(literal);
    }
  }

  object(): void {
    this.at += 1;
    this.skip(whitespace);
    if (this.peek() === "}") {
      this.at += 1;
      return;
    }
    for (;;) {
      this.skip(whitespace);
      if (this.peek() !== '"') this.refuse("looking for beginning of object key string");
      this.string();
      this.skip(whitespace);
      if (this.peek() !== ":") this.refuse("after object key");
      this.at += 1;
      this.value();
      this.skip(whitespace);
      const next = this.peek();
      if (next !== "," && next !== "}") this.refuse("after object key:value pair");
      this.at += 1;
      if (next === "}") return;
    }
  }

  array(): void {
    this.at += 1;
    this.skip(whitespace);
    if (this.peek() === "]") {
      this.at += 1;
      return;
    }
    for (;;) {
      this.value();
      this.skip(whitespace);
      const next = this.peek();
      if (next !== "," && next !== "]") this.refuse("after array element");
      this.at += 1;
      if (next === "]") return;
    }
  }

  string(): void {
    this.at += 1;
    for (;;) {
      this.skip(plainCharacters);
      const next = this.peek();
      if (next === '"') {
        this.at += 1;
        return;
      }
      if (next !== "\\") this.refuse("in string");
      const sequence = this.text.slice(this.at, this.at + (this.text[this.at + 1] === "u" ? 6 : 2));
      if (/^\\(["\\/bfnrt]|u[0-9a-fA-F]{4})$/.test(sequence)) this.at += sequence.length;
      else if (this.text.length <= this.at + 1) throw new JsonSyntaxError("unexpected EOF");
      else throw new JsonSyntaxError(`invalid escape sequence \`${sequence}\` in string`);
    }
  }

  number(): void {
    if (this.peek() === "-") this.at += 1;
    if (this.peek() === "0") this.at += 1;
    else this.digits();
    if (this.text[this.at] === ".") {
      this.at += 1;
      this.digits();
    }
    if (/[eE]/.test(this.text[this.at] ?? "")) {
      this.at += 1;
      if (/[+-]/.test(this.peek())) this.at += 1;
      this.digits();
    }
  }

  digits(): void {
    if (this.skip(numberCharacters) === "") this.refuse("in numeric literal");
  }

  literal(word: string): void {
    for (const letter of word) {
      if (this.peek() !== letter) this.refuse(`in literal ${word} (expecting '${letter}')`);
      this.at += 1;
    }
  }
}

/** Where the first JSON value of `text` ends. Throws {@link JsonSyntaxError} when there is no whole one. */
export function endOfJsonValue(text: string): number {
  const scanner = new Scanner(text);
  scanner.value();
  return scanner.at;
}
