/** Templates of `--format`: Go's template language over what the daemon said. Entry point of the noun. */
export { encodeRow, encodeText, encodeValue } from "./encode.ts";
export { executeTemplate, type TemplateFunction } from "./execute.ts";
export { functionNames, headerFunctions, templateFunctions } from "./functions.ts";
export { parseTemplate, type Template } from "./parse.ts";
export { goType, type Schema } from "./schema.ts";
export { TemplateError } from "./template-error.ts";
export { type GoType, type GoValue, parseJson, parseUntyped, type Row, stringSlice, stringType } from "./values.ts";
