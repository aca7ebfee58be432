/** A template that is wrong, or that does not fit the value it is given. The message is Go's, without a prefix. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** An argument of a function is of the wrong type; `index` is its place. */
export class ArgumentTypeError extends Error {
  override readonly name = "ArgumentTypeError";
  readonly index: number;
  readonly expected: string;
  readonly found: string;

  constructor(index: number, expected: string, found: string) {
    super(`wrong type for value; expected ${expected}; got ${found}`);
    this.index = index;
    this.expected = expected;
    this.found = found;
  }
}
