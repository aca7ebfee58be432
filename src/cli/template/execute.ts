/** Runs a template over a value. */
import { quote } from "../../base/quote.ts";
import { type Command, commandText, type Literal, type Node, type Operand, operandText, type Pipe } from "./nodes.ts";
import type { Template } from "./parse.ts";
import { printResult } from "./print.ts";
import { ArgumentTypeError, TemplateError } from "./template-error.ts";
import {
  boolType,
  concrete,
  elements,
  fieldValue,
  floatType,
  type GoValue,
  goValue,
  indirect,
  intType,
  isNil,
  isTruthy,
  mapEntries,
  type Row,
  stringType,
} from "./values.ts";

/** A function that templates may call. It throws an Error whose message is the reason. */
export type TemplateFunction = (...args: readonly (GoValue | undefined)[]) => GoValue | undefined;

/** How to run a template. */
export interface ExecuteOptions {
  readonly functions: Readonly<Record<string, TemplateFunction>>;
  /** Whether a key that a map lacks is an error. */
  readonly isStrict?: boolean;
}

/** Gives the text that a template makes of `dot`. Throws a {@link TemplateError} where it does not fit. */
export function executeTemplate(template: Template, dot: GoValue | undefined, options: ExecuteOptions): string {
  const run = new Execution(template.source, options);
  run.walk(template.nodes, { dot, scope: [["$", dot]] });
  return run.output;
}

/** Variables, innermost last. */
type Scope = [string, GoValue | undefined][];

/** Where something is evaluated. */
interface Place {
  readonly dot: GoValue | undefined;
  readonly scope: Scope;
}

/** What something is called with: the operands after it, and the value that a pipeline hands on. */
interface Given {
  readonly operands: readonly Operand[];
  readonly last: readonly (GoValue | undefined)[];
}

const nothing: Given = { operands: [], last: [] };

class LoopControl extends Error {
  readonly isBreak: boolean;

  constructor(isBreak: boolean) {
    super("loop control outside of a loop");
    this.isBreak = isBreak;
  }
}

class Execution {
  output = "";
  readonly #source: string;
  readonly #options: ExecuteOptions;

  constructor(source: string, options: ExecuteOptions) {
    this.#source = source;
    this.#options = options;
  }

  #fail(position: number, context: string, reason: string): never {
    const before = this.#source.slice(0, position);
    const line = before.split("\n").length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1));
    throw new TemplateError(`template: :${line}:${column}: executing "" at <${context}>: ${reason}`);
  }

  walk(nodes: readonly Node[], place: Place): void {
    for (const node of nodes) {
      switch (node.kind) {
        case "text":
          this.output += node.text;
          break;
        case "action": {
          const value = this.#pipe(node.pipe, place);
          if (node.pipe.variables.length === 0) this.output += printResult(value);
          break;
        }
        case "if":
        case "with": {
          const inner: Place = { dot: place.dot, scope: [...place.scope] };
          const value = this.#pipe(node.pipe, inner);
          const isThen = isTruthy(value);
          this.walk(
            isThen ? node.then : node.otherwise,
            isThen && node.kind === "with" ? { ...inner, dot: value } : inner,
          );
          break;
        }
        case "range":
          this.#range(node, place);
          break;
        case "break":
        case "continue":
          throw new LoopControl(node.kind === "break");
        case "call":
          this.#fail(node.position, node.source, `template ${quote(node.name)} not defined`);
      }
    }
  }

  #range(node: Extract<Node, { kind: "range" | "if" | "with" }>, place: Place): void {
    const pairs = this.#pairs(node.pipe, indirect(this.#evaluate(node.pipe, place)));
    if (pairs.length === 0) {
      this.walk(node.otherwise, place);
      return;
    }
    const [first, second] = node.pipe.variables;
    for (const [key, element] of pairs) {
      const scope: Scope = [...place.scope];
      if (first !== undefined) scope.push([first, second === undefined ? element : key]);
      if (second !== undefined) scope.push([second, element]);
      try {
        this.walk(node.then, { dot: element, scope });
      } catch (error) {
        if (!(error instanceof LoopControl)) throw error;
        if (error.isBreak) return;
      }
    }
  }

  /** What a range goes through: keys or places, and elements. */
  #pairs(pipe: Pipe, value: GoValue | undefined): [GoValue, GoValue][] {
    const numbered = (index: number): GoValue => ({ type: intType, data: index });
    switch (value?.type.kind) {
      case undefined:
        return [];
      case "slice":
        return elements(value).map((element, index) => [numbered(index), element]);
      case "map":
        return mapEntries(value).map(([key, element]) => [{ type: stringType, data: key }, element]);
      case "int":
        return Array.from({ length: Number(value.data ?? 0) }, (_, index) => [numbered(index), numbered(index)]);
      default: {
        const source = pipe.commands.map(commandText).join(" | ");
        return this.#fail(pipe.position, source, `range can't iterate over ${printResult(value)}`);
      }
    }
  }

  #evaluate(pipe: Pipe, place: Place): GoValue | undefined {
    let value: GoValue | undefined;
    for (const [index, command] of pipe.commands.entries()) {
      value = concrete(this.#command(command, place, index === 0 ? [] : [value]));
    }
    return value;
  }

  #pipe(pipe: Pipe, place: Place): GoValue | undefined {
    const value = this.#evaluate(pipe, place);
    for (const name of pipe.variables) {
      const known = pipe.isAssignment ? place.scope.findLast(([held]) => held === name) : undefined;
      if (known === undefined) place.scope.push([name, value]);
      else known[1] = value;
    }
    return value;
  }

  #command(command: Command, place: Place, last: Given["last"]): GoValue | undefined {
    const [first, ...operands] = command.operands;
    if (first === undefined) return undefined;
    const given = { operands, last };
    switch (first.kind) {
      case "function":
        return this.#call(command, first.name, given, place);
      case "field":
        return this.#fields(first, place.dot, given, place);
      case "nil":
        return this.#fail(first.position, "nil", "nil is not a command");
      case "variable":
      case "chain": {
        const base = first.kind === "variable" ? this.#variable(first, place.scope) : this.#pipe(first.pipe, place);
        if (first.names.length > 0) return this.#fields(first, base, given, place);
        this.#refuseArguments(first, given);
        return base;
      }
      default:
        this.#refuseArguments(first, given);
        return first.kind === "dot" ? place.dot : literalValue(first.value);
    }
  }

  #refuseArguments(first: Operand, given: Given): void {
    if (given.operands.length + given.last.length === 0) return;
    const source = operandText(first);
    this.#fail(first.position, source, `can't give argument to non-function ${source}`);
  }

  #argument(operand: Operand, place: Place): GoValue | undefined {
    if (operand.kind === "nil") return undefined;
    return concrete(this.#command({ position: operand.position, operands: [operand] }, place, []));
  }

  #arguments({ operands, last }: Given, place: Place): (GoValue | undefined)[] {
    return [...operands.map((operand) => this.#argument(operand, place)), ...last];
  }

  #call(command: Command, name: string, given: Given, place: Place): GoValue | undefined {
    if (name === "and" || name === "or") return this.#shortCircuit(name, given, place);
    const found = this.#options.functions[name];
    if (found === undefined) return this.#fail(command.position, name, `${quote(name)} is not a defined function`);
    const args = this.#arguments(given, place);
    try {
      return found(...args);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      if (error instanceof ArgumentTypeError) return this.#failArgument(command, given.operands[error.index], error);
      const reason = error instanceof Error ? error.message : String(error);
      const count = /^wrong number of args/;
      if (!count.test(reason)) {
        return this.#fail(command.position, commandText(command), `error calling ${name}: ${reason}`);
      }
      return this.#fail(command.position, name, reason.replace(count, `wrong number of args for ${name}`));
    }
  }

  #failArgument(command: Command, operand: Operand | undefined, error: ArgumentTypeError): never {
    if (operand?.kind !== "literal") {
      const at = operand ?? command.operands[0];
      return this.#fail(operand?.position ?? command.position, at ? operandText(at) : "", error.message);
    }
    const expected = error.expected === "int" ? "integer" : error.expected;
    return this.#fail(operand.position, operand.source, `expected ${expected}; found ${operand.source}`);
  }

  #shortCircuit(name: "and" | "or", { operands, last }: Given, place: Place): GoValue | undefined {
    let value: GoValue | undefined;
    for (const operand of operands) {
      value = this.#argument(operand, place);
      if (isTruthy(value) === (name === "or")) return value;
    }
    return last.length > 0 ? last[0] : value;
  }

  #variable(operand: Extract<Operand, { kind: "variable" }>, scope: Scope): GoValue | undefined {
    const found = scope.findLast(([name]) => name === operand.name);
    if (found === undefined) return this.#fail(operand.position, operand.name, `undefined variable: ${operand.name}`);
    return found[1];
  }

  /** Follows the names of an operand from `base`; only the last of them may be a method with arguments. */
  #fields(
    operand: Extract<Operand, { kind: "field" | "variable" | "chain" }>,
    base: GoValue | undefined,
    given: Given,
    place: Place,
  ): GoValue | undefined {
    let value = base;
    for (const [index, name] of operand.names.entries()) {
      const isLast = index === operand.names.length - 1;
      const fail = (reason: string): never => this.#fail(operand.position, operandText(operand), reason);
      value = this.#field(value, name, this.#arguments(isLast ? given : nothing, place), fail);
    }
    return value;
  }

  #field(
    receiver: GoValue | undefined,
    name: string,
    args: readonly (GoValue | undefined)[],
    fail: (reason: string) => never,
  ): GoValue | undefined {
    const isAny = receiver?.type.kind === "any";
    const at = indirect(receiver);
    if (at === undefined) {
      return fail(isAny ? `nil pointer evaluating interface {}.${name}` : `nil data; no entry for key ${quote(name)}`);
    }
    const { type } = at;
    if (type.kind === "object") return callMethod(at, name, args, fail);
    if (type.kind === "struct") {
      const field = type.fields().find((one) => one.name === name);
      if (field !== undefined && args.length > 0) {
        return fail(`${name} has arguments but cannot be invoked as function`);
      }
      if (field !== undefined) return fieldValue(at, field);
    }
    if (type.kind === "map") {
      if (args.length > 0) return fail(`${name} is not a method but has arguments`);
      const held = (at.data ?? {}) as Record<string, unknown>;
      if (Object.hasOwn(held, name)) return { type: type.element, data: held[name] ?? undefined };
      return this.#options.isStrict ? fail(`map has no entry for key ${quote(name)}`) : undefined;
    }
    if (type.kind === "pointer" && isNil(at)) return fail(`nil pointer evaluating ${type.name}.${name}`);
    return fail(`can't evaluate field ${name} in type ${isAny ? "interface {}" : (receiver?.type.name ?? type.name)}`);
  }
}

function callMethod(
  receiver: GoValue,
  name: string,
  args: readonly (GoValue | undefined)[],
  fail: (reason: string) => never,
): GoValue | undefined {
  const method = (receiver.data as Row)[name];
  if (method === undefined) return fail(`can't evaluate field ${name} in type ${receiver.type.name}`);
  if (args.length !== method.length) {
    return fail(`wrong number of args for ${name}: want ${method.length} got ${args.length}`);
  }
  const result = method(...args.map((argument) => printResult(argument)));
  return isGoValue(result) ? result : goValue(result);
}

function isGoValue(value: unknown): value is GoValue {
  return typeof value === "object" && value !== null && "type" in value && "data" in value;
}

function literalValue(value: Literal): GoValue {
  if (typeof value === "string") return { type: stringType, data: value };
  if (typeof value === "boolean") return { type: boolType, data: value };
  if (typeof value === "bigint") return { type: intType, data: value };
  return { type: floatType, data: value };
}
