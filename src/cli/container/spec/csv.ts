import { invalid } from "../../../base/errors.ts";

/** The fields of one line of comma-separated values, quoted ones too. Throws an invalid error with Go's text. */
export function readCsv(line: string): string[] {
  if (line.trim() === "") throw invalid("EOF");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const comma = line.indexOf(",", at);
      const end = comma === -1 ? line.length : comma;
      const bare = line.slice(at, end).indexOf('"');
      if (bare !== -1) throw invalid(`parse error on line 1, column ${at + bare + 1}: bare " in non-quoted-field`);
      fields.push(line.slice(at, end));
      if (comma === -1) return fields;
      at = comma + 1;
      continue;
    }
    let field = "";
    for (at++; ; at++) {
      if (at >= line.length)
        throw invalid(`parse error on line 1, column ${at + 1}: extraneous or missing " in quoted-field`);
      if (line[at] !== '"') field += line[at];
      else if (line[at + 1] === '"') field += line[at++];
      else break;
    }
    fields.push(field);
    at++;
    if (at >= line.length) return fields;
    if (line[at] !== ",")
      throw invalid(`parse error on line 1, column ${at + 1}: extraneous or missing " in quoted-field`);
    at++;
  }
}

/** Splits at the first separator; `value` is undefined without one. */
export function cut(text: string, separator: string): { key: string; value: string | undefined } {
  const at = text.indexOf(separator);
  return at === -1
    ? { key: text, value: undefined }
    : { key: text.slice(0, at), value: text.slice(at + separator.length) };
}
