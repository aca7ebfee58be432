/** A template that is wrong, or that does not fit the value it is given. The message is Go's, without a prefix. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}
