/** Lists: rows through a template, as a table or one by one. */
import { CommandFailure } from "../command.ts";
import {
  executeTemplate,
  functionNames,
  headerFunctions,
  parseTemplate,
  type Row,
  type Template,
  TemplateError,
  templateFunctions,
} from "../template/index.ts";
import { alignTabs, listLayout } from "./table.ts";

/** What a list is made of. */
export interface ListFormat {
  /** `table TEMPLATE`, `json` or a template. */
  readonly format: string;
  /** The name of the rows' type in errors. */
  readonly typeName: string;
  /** The heading of each column, by the method that fills it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The template inside of a list's format. Throws with Docker's text when it is none. */
function templateOf(format: string): Template {
  let source = format;
  if (format.startsWith("table")) source = format.slice("table".length);
  else if (format === "json") source = "{{json .}}";
  source = source
    .replace(/^ +| +$/g, "")
    .replaceAll("\\t", "\t")
    .replaceAll("\\n", "\n");
  return parseTemplate(source, functionNames);
}

/** Whether the format is a table with headings. */
export function isTable(format: string): boolean {
  return format.startsWith("table");
}

function failure(error: TemplateError): CommandFailure {
  return new CommandFailure(1, `template parsing error: ${error.message}`);
}

/** The text of a list. Throws a failure with Docker's text for a template that does not fit. */
export function formatList(list: ListFormat, rows: Iterable<Row>): string {
  try {
    const template = templateOf(list.format);
    let body = "";
    for (const row of rows) {
      const dot = { type: { kind: "object", name: list.typeName }, data: row } as const;
      body += `${executeTemplate(template, dot, { functions: templateFunctions })}\n`;
    }
    if (!isTable(list.format)) return body;
    return alignTabs(`${heading(template, list.headers)}\n${body}`, listLayout);
  } catch (error) {
    if (error instanceof TemplateError) throw failure(error);
    throw error;
  }
}

/** The headings through the same template; what fails there is left out, as the list itself has already worked. */
function heading(template: Template, headers: Readonly<Record<string, string>>): string {
  const type = {
    kind: "map",
    name: "formatter.SubHeaderContext",
    element: { kind: "string", name: "string" },
  } as const;
  try {
    return executeTemplate(template, { type, data: headers }, { functions: headerFunctions });
  } catch {
    return "";
  }
}
