/** The parts of a parsed template, after Go's text/template, whose language `--format` speaks. */

/** What a command of a pipeline is made of. `position` is the offset in the template that errors point at. */
export type Operand =
  | { readonly kind: "dot"; readonly position: number }
  | { readonly kind: "nil"; readonly position: number }
  | { readonly kind: "literal"; readonly position: number; readonly source: string; readonly value: Literal }
  /** `.A.B`: fields of the dot. */
  | { readonly kind: "field"; readonly position: number; readonly names: readonly string[] }
  /** `$x.A.B`: a variable and fields of it. */
  | { readonly kind: "variable"; readonly position: number; readonly name: string; readonly names: readonly string[] }
  /** `(pipeline).A.B`. */
  | { readonly kind: "chain"; readonly position: number; readonly pipe: Pipe; readonly names: readonly string[] }
  | { readonly kind: "function"; readonly position: number; readonly name: string };

/** A constant. Whole numbers are bigint, others number. */
export type Literal = boolean | bigint | number | string;

/** An operand with its arguments. */
export interface Command {
  readonly position: number;
  readonly operands: readonly Operand[];
}

/** Commands, each of which gets the one before as its last argument; perhaps kept in variables. */
export interface Pipe {
  readonly position: number;
  readonly commands: readonly Command[];
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly isAssignment: boolean;
}

/** One part of a template. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipe: Pipe;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: "break" | "continue" }
  | { readonly kind: "call"; readonly position: number; readonly name: string; readonly source: string };

/** The source of an operand, as errors show it. */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "literal":
      return operand.source;
    case "field":
      return operand.names.map((name) => `.${name}`).join("");
    case "variable":
      return [operand.name, ...operand.names].join(".");
    case "chain":
      return `(${pipeText(operand.pipe)})${operand.names.map((name) => `.${name}`).join("")}`;
    case "function":
      return operand.name;
  }
}

/** The source of a command, as errors show it. */
export function commandText(command: Command): string {
  return command.operands
    .map((operand) =>
      operand.kind === "chain" && operand.names.length === 0 ? `(${pipeText(operand.pipe)})` : operandText(operand),
    )
    .join(" ");
}

/** The source of a pipeline, as errors show it. */
function pipeText(pipe: Pipe): string {
  const declared = pipe.variables.length === 0 ? "" : `${pipe.variables.join(", ")} ${pipe.isAssignment ? "=" : ":="} `;
  return declared + pipe.commands.map(commandText).join(" | ");
}
