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
  run.walk(template.nodes, dot, [["$", dot]]);
  return run.output;
}

type Scope = [string, GoValue | undefined][];

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

  walk(nodes: readonly Node[], dot: GoValue | undefined, scope: Scope): void {
    for (const node of nodes) {
      switch (node.kind) {
        case "text":
          this.output += node.text;
          break;
        case "action": {
          const value = this.#pipe(node.pipe, dot, scope);
          if (node.pipe.variables.length === 0) this.output += printResult(value);
          break;
        }
        case "if":
        case "with": {
          const inner: Scope = [...scope];
          const value = this.#pipe(node.pipe, dot, inner);
          const chosen = isTruthy(value) ? node.then : node.otherwise;
          this.walk(chosen, node.kind === "with" && chosen === node.then ? value : dot, inner);
          break;
        }
        case "range":
          this.#range(node, dot, [...scope]);
          break;
        case "break":
        case "continue":
          throw new LoopControl(node.kind === "break");
        case "call":
          this.#fail(node.position, node.source, `template ${quote(node.name)} not defined`);
      }
    }
  }

  #range(node: Extract<Node, { kind: "range" | "if" | "with" }>, dot: GoValue | undefined, scope: Scope): void {
    const value = indirect(this.#evaluate(node.pipe, dot, scope));
    const pairs: [GoValue, GoValue][] = [];
    if (value?.type.kind === "slice") {
      for (const [index, element] of elements(value).entries()) pairs.push([{ type: intType, data: index }, element]);
    } else if (value?.type.kind === "map") {
      for (const [key, element] of mapEntries(value)) pairs.push([{ type: stringType, data: key }, element]);
    } else if (value?.type.kind === "int") {
      for (let index = 0; index < Number(value.data ?? 0); index++) {
        const element = { type: intType, data: index };
        pairs.push([element, element]);
      }
    } else if (value !== undefined) {
      this.#fail(
        node.pipe.position,
        node.pipe.commands.map(commandText).join(" | "),
        `range can't iterate over ${printResult(value)}`,
      );
    }
    if (pairs.length === 0) {
      this.walk(node.otherwise, dot, scope);
      return;
    }
    const [first, second] = node.pipe.variables;
    for (const [key, element] of pairs) {
      const inner: Scope = [...scope];
      if (second !== undefined) inner.push([first!, key], [second, element]);
      else if (first !== undefined) inner.push([first, element]);
      try {
        this.walk(node.then, element, inner);
      } catch (error) {
        if (!(error instanceof LoopControl)) throw error;
        if (error.isBreak) return;
      }
    }
  }

  #evaluate(pipe: Pipe, dot: GoValue | undefined, scope: Scope): GoValue | undefined {
    let value: GoValue | undefined;
    for (const [index, command] of pipe.commands.entries()) {
      value = this.#command(command, dot, scope, index === 0 ? [] : [value]);
      value = concrete(value);
    }
    return value;
  }

  #pipe(pipe: Pipe, dot: GoValue | undefined, scope: Scope): GoValue | undefined {
    const value = this.#evaluate(pipe, dot, scope);
    for (const name of pipe.variables) {
      const known = pipe.isAssignment ? scope.findLast(([held]) => held === name) : undefined;
      if (known === undefined) scope.push([name, value]);
      else known[1] = value;
    }
    return value;
  }

  #command(
    command: Command,
    dot: GoValue | undefined,
    scope: Scope,
    last: readonly (GoValue | undefined)[],
  ): GoValue | undefined {
    const [first, ...rest] = command.operands;
    if (first === undefined) return undefined;
    switch (first.kind) {
      case "function":
        return this.#call(command, first.name, rest, dot, scope, last);
      case "field":
        return this.#fields(first, dot, first.names, rest, dot, scope, last);
      case "variable": {
        const base = this.#variable(first, scope);
        if (first.names.length > 0) return this.#fields(first, base, first.names, rest, dot, scope, last);
        this.#refuseArguments(command, first, rest, last);
        return base;
      }
      case "chain": {
        const base = this.#pipe(first.pipe, dot, scope);
        if (first.names.length > 0) return this.#fields(first, base, first.names, rest, dot, scope, last);
        this.#refuseArguments(command, first, rest, last);
        return base;
      }
      case "nil":
        return this.#fail(first.position, "nil", "nil is not a command");
      default:
        this.#refuseArguments(command, first, rest, last);
        return first.kind === "dot" ? dot : literalValue(first.value);
    }
  }

  #refuseArguments(
    command: Command,
    first: Operand,
    rest: readonly Operand[],
    last: readonly (GoValue | undefined)[],
  ): void {
    if (rest.length + last.length === 0) return;
    this.#fail(
      first.position,
      operandText(first),
      `can't give argument to non-function ${operandText(command.operands[0]!)}`,
    );
  }

  #argument(operand: Operand, dot: GoValue | undefined, scope: Scope): GoValue | undefined {
    if (operand.kind === "nil") return undefined;
    return concrete(this.#command({ position: operand.position, operands: [operand] }, dot, scope, []));
  }

  #call(
    command: Command,
    name: string,
    operands: readonly Operand[],
    dot: GoValue | undefined,
    scope: Scope,
    last: readonly (GoValue | undefined)[],
  ): GoValue | undefined {
    if (name === "and" || name === "or") return this.#shortCircuit(name, operands, dot, scope, last);
    const found = this.#options.functions[name];
    if (found === undefined) return this.#fail(command.position, name, `${quote(name)} is not a defined function`);
    const args = [...operands.map((operand) => this.#argument(operand, dot, scope)), ...last];
    try {
      return found(...args);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      if (error instanceof ArgumentTypeError) return this.#failArgument(command, operands[error.index], error);
      const reason = error instanceof Error ? error.message : String(error);
      const isCount = /^wrong number of args|^wrong type/.test(reason);
      const text = isCount
        ? reason.replace(/^wrong number of args/, `wrong number of args for ${name}`)
        : `error calling ${name}: ${reason}`;
      return this.#fail(command.position, isCount ? name : commandText(command), text);
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

  #shortCircuit(
    name: "and" | "or",
    operands: readonly Operand[],
    dot: GoValue | undefined,
    scope: Scope,
    last: readonly (GoValue | undefined)[],
  ): GoValue | undefined {
    let value: GoValue | undefined;
    for (const operand of operands) {
      value = this.#argument(operand, dot, scope);
      if (isTruthy(value) === (name === "or")) return value;
    }
    return last.length > 0 ? last[0] : value;
  }

  #variable(operand: Extract<Operand, { kind: "variable" }>, scope: Scope): GoValue | undefined {
    const found = scope.findLast(([name]) => name === operand.name);
    if (found === undefined) return this.#fail(operand.position, operand.name, `undefined variable: ${operand.name}`);
    return found[1];
  }

  #fields(
    operand: Operand,
    base: GoValue | undefined,
    names: readonly string[],
    rest: readonly Operand[],
    dot: GoValue | undefined,
    scope: Scope,
    last: readonly (GoValue | undefined)[],
  ): GoValue | undefined {
    let value = base;
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      value = this.#field(operand, value, name, isLast ? rest : [], isLast ? last : [], dot, scope);
    }
    return value;
  }

  #field(
    operand: Operand,
    receiver: GoValue | undefined,
    name: string,
    rest: readonly Operand[],
    last: readonly (GoValue | undefined)[],
    dot: GoValue | undefined,
    scope: Scope,
  ): GoValue | undefined {
    const context = operandText(operand);
    const fail = (reason: string): never => this.#fail(operand.position, context, reason);
    const isAny = receiver?.type.kind === "any";
    const at = indirect(receiver);
    if (at === undefined) {
      if (isAny) return fail(`nil pointer evaluating interface {}.${name}`);
      return fail(`nil data; no entry for key ${quote(name)}`);
    }
    const { type } = at;
    if (type.kind === "object") {
      const method = (at.data as Row)[name];
      if (method === undefined) return fail(`can't evaluate field ${name} in type ${type.name}`);
      const args = [...rest.map((one) => this.#argument(one, dot, scope)), ...last];
      if (args.length !== method.length) {
        return fail(`wrong number of args for ${name}: want ${method.length} got ${args.length}`);
      }
      const result = method(...args.map((argument) => printResult(argument)));
      return isGoValue(result) ? result : goValue(result);
    }
    const hasArguments = rest.length + last.length > 0;
    if (type.kind === "struct") {
      const field = type.fields().find((one) => one.name === name);
      if (field !== undefined) {
        if (hasArguments) return fail(`${name} has arguments but cannot be invoked as function`);
        return fieldValue(at, field);
      }
    }
    if (type.kind === "map") {
      if (hasArguments) return fail(`${name} is not a method but has arguments`);
      const held = (at.data ?? {}) as Record<string, unknown>;
      if (Object.hasOwn(held, name)) return { type: type.element, data: held[name] ?? undefined };
      if (this.#options.isStrict) return fail(`map has no entry for key ${quote(name)}`);
      return undefined;
    }
    if (type.kind === "pointer" && isNil(at)) return fail(`nil pointer evaluating ${type.name}.${name}`);
    return fail(`can't evaluate field ${name} in type ${isAny ? "interface {}" : (receiver?.type.name ?? type.name)}`);
  }
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
