/** Templates of `--format`: Go's template language over what the daemon said. Entry point of the noun. */
export { executeTemplate } from "./execute.ts";
export { functionNames, headerFunctions, templateFunctions } from "./functions.ts";
export { parseTemplate, type Template } from "./parse.ts";
export { goType, type Schema } from "./schema.ts";
export { TemplateError } from "./template-error.ts";
export { type GoType, parseJson, parseUntyped, type Row } from "./values.ts";
