import type { HTTPMethod } from "find-my-way";
import FindMyWay from "find-my-way";

/** What a path leads to. */
export interface Route<T> {
  readonly value: T;
  /** The decoded variable parts of the path by name. */
  readonly params: Readonly<Record<string, string>>;
}

/** Finds what a method and path lead to. */
export interface Router<T> {
  /**
   * `template` is a path whose variable parts are `{name}` for one segment, or `{name:.*}` for one or more segments
   * (an image's name has slashes); at most one of the latter, and nothing variable after it.
   */
  add(method: string, template: string, value: T): void;
  /** `path` is still percent-encoded and has no query; undefined when nothing was added for it. */
  find(method: string, path: string): Route<T> | undefined;
}

interface Tail<T> {
  readonly name: string;
  readonly suffix: string;
  readonly value: T;
}

type Store<T> = { readonly value: T } | { readonly tails: Tail<T>[] };

const manySegments = /\{(\w+):\.\*\}/;

function pattern(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ":$1");
}

function routeOf<T>(store: Store<T>, params: Record<string, string | undefined>): Route<T> | undefined {
  if ("value" in store) return { value: store.value, params: params as Record<string, string> };
  const rest = params["*"] ?? "";
  for (const tail of store.tails) {
    if (rest.length > tail.suffix.length && rest.endsWith(tail.suffix)) {
      const name = rest.slice(0, rest.length - tail.suffix.length);
      return { value: tail.value, params: { [tail.name]: name } };
    }
  }
  return undefined;
}

/** Makes an empty router. */
export function createRouter<T>(): Router<T> {
  const tree = FindMyWay({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 64 * 1024 });
  const tailsOf = new Map<string, Tail<T>[]>();
  const nothing = (): void => {};
  return {
    add: (method, template, value) => {
      const many = manySegments.exec(template);
      if (many === null) {
        tree.on(method as HTTPMethod, pattern(template), nothing, { value } satisfies Store<T>);
        return;
      }
      const prefix = pattern(template.slice(0, many.index));
      const key = `${method} ${prefix}`;
      let tails = tailsOf.get(key);
      if (tails === undefined) {
        tails = [];
        tailsOf.set(key, tails);
        tree.on(method as HTTPMethod, `${prefix}*`, nothing, { tails } satisfies Store<T>);
      }
      tails.push({ name: many[1] ?? "name", suffix: template.slice(many.index + many[0].length), value });
    },
    find: (method, path) => {
      const found = tree.find(method as HTTPMethod, path);
      return found === null ? undefined : routeOf(found.store as Store<T>, found.params);
    },
  };
}
