import { invalid } from "../../base/errors.ts";

/** Filters by name; a name stands for any of its values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

function valuesOf(item: unknown): readonly string[] {
  if (item === null) return [];
  if (Array.isArray(item) && item.every((value) => typeof value === "string")) return item;
  const isSet = typeof item === "object" && !Array.isArray(item);
  if (isSet && Object.values(item).every((value) => typeof value === "boolean")) return Object.keys(item);
  throw invalid("invalid filter");
}

/**
 * Reads filters as JSON in either form, `{"name": {"value": true}}` or `{"name": ["value"]}`. Errors: invalid for
 * other texts, and for names not in `accepted` where that is given.
 */
export function parseFilters(text: string, accepted?: readonly string[]): Filters {
  if (text === "") return {};
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw invalid("invalid filter", { cause: error });
  }
  if (document === null) return {};
  if (typeof document !== "object" || Array.isArray(document)) throw invalid("invalid filter");
  const filters = Object.fromEntries(Object.entries(document).map(([name, item]) => [name, valuesOf(item)]));
  for (const name of Object.keys(filters)) {
    if (accepted !== undefined && !accepted.includes(name)) throw invalid(`invalid filter '${name}'`);
  }
  return filters;
}

/** Whether a filter holds for one of these texts; a filter that is not set always does. */
export function matchesAny(filter: readonly string[] | undefined, matches: (wanted: string) => boolean): boolean {
  return filter === undefined || filter.length === 0 || filter.some(matches);
}

/** Whether labels have all that is wanted: `name` or `name=value`. */
export function matchesLabels(
  filter: readonly string[] | undefined,
  labels: Readonly<Record<string, string>> | null,
): boolean {
  return (filter ?? []).every((wanted) => {
    const equals = wanted.indexOf("=");
    const name = equals === -1 ? wanted : wanted.slice(0, equals);
    if (labels === null || !Object.hasOwn(labels, name)) return false;
    return equals === -1 || labels[name] === wanted.slice(equals + 1);
  });
}
