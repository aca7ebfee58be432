/** From a template's text to its nodes. */
import { quote } from "../../base/quote.ts";
import { lex, lineAt, type Token } from "./lex.ts";
import type { Command, Literal, Node, Operand, Pipe } from "./nodes.ts";
import { TemplateError } from "./template-error.ts";
import { unquote } from "./unquote.ts";

/** A template that can be executed. */
export interface Template {
  readonly source: string;
  readonly nodes: readonly Node[];
}

/** Parses a template in which the functions of these names may be called. Throws a {@link TemplateError}. */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  return { source, nodes: new Parser(source, functions).parse() };
}

/** What may end a list of nodes besides the end of the template. */
type Ending = "end" | "else" | "eof";

class Parser {
  readonly #source: string;
  readonly #functions: ReadonlySet<string>;
  readonly #tokens: Token[];
  #at = 0;
  #variables: string[] = ["$"];
  #rangeDepth = 0;

  constructor(source: string, functions: ReadonlySet<string>) {
    this.#source = source;
    this.#functions = functions;
    this.#tokens = lex(source);
  }

  parse(): readonly Node[] {
    const { nodes, ending } = this.#list(true);
    if (ending !== "eof") this.#fail(`unexpected {{${ending}}}`);
    return nodes;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #peekWord(): Token {
    while (this.#peek().kind === "space") this.#at++;
    return this.#peek();
  }

  #nextWord(): Token {
    const token = this.#peekWord();
    this.#at++;
    return token;
  }

  #fail(reason: string, token: Token = this.#peek()): never {
    throw new TemplateError(`template: :${lineAt(this.#source, token.position)}: ${reason}`);
  }

  #unexpected(token: Token, context: string): never {
    const shown = token.kind === "end" ? "EOF" : token.kind === "keyword" ? `<${token.text}>` : quote(token.text);
    this.#fail(`unexpected ${shown} in ${context}`, token);
  }

  #list(isTop: boolean): { nodes: Node[]; ending: Ending } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === "end") {
        if (!isTop) this.#fail("unexpected EOF", token);
        return { nodes, ending: "eof" };
      }
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const word = this.#peekWord();
      if (word.kind === "keyword" && (word.text === "end" || word.text === "else")) {
        this.#nextWord();
        if (word.text === "end") this.#close("end");
        return { nodes, ending: word.text };
      }
      nodes.push(this.#action(word));
    }
  }

  #close(context: string): void {
    const token = this.#nextWord();
    if (token.kind !== "close") this.#unexpected(token, context);
  }

  #action(word: Token): Node {
    if (word.kind !== "keyword") return { kind: "action", pipe: this.#pipe("command", "close") };
    this.#nextWord();
    switch (word.text) {
      case "if":
      case "with":
      case "range":
        return this.#control(word.text);
      case "break":
      case "continue":
        if (this.#rangeDepth === 0) this.#fail(`{{${word.text}}} outside {{range}}`, word);
        this.#close(`{{${word.text}}}`);
        return { kind: word.text };
      case "template": {
        const name = this.#nextWord();
        if (name.kind !== "string") this.#unexpected(name, "template clause");
        const pipe = this.#peekWord().kind === "close" ? undefined : this.#pipe("template clause", "close");
        if (pipe === undefined) this.#close("template clause");
        return {
          kind: "call",
          position: name.position,
          name: unquote(name.text),
          source: `{{template ${name.text}}}`,
        };
      }
      default:
        return this.#fail(`unexpected {{${word.text}}}`, word);
    }
  }

  #control(kind: "if" | "with" | "range"): Node {
    const held = this.#variables.length;
    const pipe = this.#pipe(kind, "close");
    if (kind === "range") this.#rangeDepth++;
    const { nodes: then, ending } = this.#list(false);
    let otherwise: Node[] = [];
    if (ending === "else") {
      const word = this.#peekWord();
      // `{{else if x}}` is `{{else}}{{if x}}…{{end}}` with one common end.
      if (word.kind === "keyword" && word.text === kind && kind !== "range") {
        this.#nextWord();
        otherwise = [this.#control(kind)];
      } else {
        this.#close("else");
        const rest = this.#list(false);
        if (rest.ending !== "end") this.#fail("expected end; found {{else}}");
        otherwise = rest.nodes;
      }
    }
    if (kind === "range") this.#rangeDepth--;
    this.#variables.length = held;
    return { kind, pipe, then, otherwise };
  }

  #pipe(context: string, closing: "close" | ")"): Pipe {
    const { position } = this.#peekWord();
    const { variables, isAssignment } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#peekWord();
      if (token.kind === closing || (closing === ")" && token.text === ")")) {
        this.#nextWord();
        if (commands.length === 0) this.#fail(`missing value for ${context}`, token);
        this.#checkStages(commands);
        this.#variables.push(...variables);
        return { position, commands, variables, isAssignment };
      }
      if (commands.length > 0) {
        if (token.text !== "|") this.#unexpected(token, context);
        this.#nextWord();
      }
      commands.push(this.#command(context));
    }
  }

  #checkStages(commands: readonly Command[]): void {
    for (const [index, command] of commands.entries()) {
      const first = command.operands[0];
      if (index > 0 && (first?.kind === "literal" || first?.kind === "dot" || first?.kind === "nil")) {
        this.#fail(`non executable command in pipeline stage ${index + 1}`);
      }
    }
  }

  #declaration(context: string): { variables: string[]; isAssignment: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    while (this.#peekWord().kind === "variable") {
      variables.push(this.#nextWord().text);
      const token = this.#peekWord();
      if (token.text === ":=" || token.text === "=") {
        this.#nextWord();
        const isAssignment = token.text === "=";
        if (isAssignment) for (const name of variables) this.#checkVariable(name, token);
        return { variables, isAssignment };
      }
      if (token.text !== "," || context !== "range" || variables.length > 1) break;
      this.#nextWord();
    }
    this.#at = start;
    return { variables: [], isAssignment: false };
  }

  #checkVariable(name: string, token: Token): void {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${quote(name)}`, token);
  }

  #command(context: string): Command {
    const { position } = this.#peekWord();
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#peek();
      if (operand !== undefined && token.kind === "space") {
        this.#peekWord();
        continue;
      }
      if (token.kind === "close" || token.text === "|" || token.text === ")") break;
      this.#unexpected(token, operands.length === 0 ? context : "operand");
    }
    if (operands.length === 0) this.#fail("empty command");
    return { position, operands };
  }

  #operand(): Operand | undefined {
    const token = this.#peekWord();
    const operand = this.#term(token);
    if (operand === undefined) return undefined;
    const chainAt = this.#peek().position;
    const names: string[] = [];
    while (this.#peek().kind === "field") names.push(this.#next().text.slice(1));
    if (names.length === 0) return operand;
    // Errors about a chain of fields point at its second one.
    switch (operand.kind) {
      case "field":
        return { ...operand, position: chainAt, names: [...operand.names, ...names] };
      case "variable":
        return { ...operand, position: chainAt, names };
      case "chain":
        return { ...operand, position: chainAt, names };
      default:
        return this.#fail(`unexpected . after term ${quote(token.text)}`, token);
    }
  }

  #term(token: Token): Operand | undefined {
    const { position, text } = token;
    switch (token.kind) {
      case "word":
        this.#next();
        if (!this.#functions.has(text)) this.#fail(`function ${quote(text)} not defined`, token);
        return { kind: "function", position, name: text };
      case "dot":
        this.#next();
        return { kind: "dot", position };
      case "nil":
        this.#next();
        return { kind: "nil", position };
      case "field":
        this.#next();
        return { kind: "field", position, names: [text.slice(1)] };
      case "variable":
        this.#next();
        this.#checkVariable(text, token);
        return { kind: "variable", position, name: text, names: [] };
      case "string":
      case "boolean":
      case "number":
      case "character":
        this.#next();
        return { kind: "literal", position, source: text, value: this.#literal(token) };
      default:
        if (text !== "(") return undefined;
        this.#next();
        return { kind: "chain", position, pipe: this.#pipe("parenthesized pipeline", ")"), names: [] };
    }
  }

  #literal(token: Token): Literal {
    const { kind, text } = token;
    if (kind === "boolean") return text === "true";
    if (kind === "string") return text.startsWith("`") ? text.slice(1, -1) : unquote(text);
    if (kind === "character")
      return BigInt(unquote(`"${text.slice(1, -1).replaceAll('"', '\\"')}"`).codePointAt(0) ?? 0);
    const plain = text.replaceAll("_", "");
    if (/^[+-]?(\d+|0[xXbBoO].+)$/.test(plain)) {
      const [, sign, digits = ""] = /^([+-]?)(.*)$/.exec(plain) ?? [];
      const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
      return sign === "-" ? -value : value;
    }
    return Number(plain);
  }
}
