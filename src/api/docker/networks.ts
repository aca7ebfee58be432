import { invalid, notFound } from "../../base/errors.ts";
import type { Networks } from "../../engine/networks/index.ts";
import type { NetworkInspect } from "../../wire/docker/networks.ts";
import { answerJson } from "./answers.ts";
import { type Filters, matchesAny, matchesLabels, parseFilters } from "./filters.ts";
import { type Handlers, param } from "./request.ts";

const acceptedFilters: readonly string[] = ["dangling", "driver", "id", "label", "name", "scope", "type"];
const builtIn: ReadonlySet<string> = new Set(["bridge", "host", "none"]);
const truthTexts: ReadonlySet<string> = new Set([
  "",
  "1",
  "t",
  "T",
  "TRUE",
  "true",
  "True",
  "0",
  "f",
  "F",
  "FALSE",
  "false",
  "False",
]);

function danglingOf(filters: Filters): boolean | undefined {
  const [value, ...more] = filters.dangling ?? [];
  if (value === undefined) return undefined;
  if (more.length > 0) throw invalid('got more than one value for filter key "dangling"');
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw invalid('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")');
}

function typeOf(network: NetworkInspect): string {
  return builtIn.has(network.Name) ? "builtin" : "custom";
}

function select(networks: readonly NetworkInspect[], filters: Filters): NetworkInspect[] {
  const dangling = danglingOf(filters);
  for (const type of filters.type ?? []) {
    if (type !== "builtin" && type !== "custom") throw invalid(`invalid filter: 'type'='${type}'`);
  }
  return networks.filter(
    (network) =>
      (dangling === undefined ||
        dangling === (typeOf(network) === "custom" && Object.keys(network.Containers).length === 0)) &&
      matchesAny(filters.driver, (driver) => driver === network.Driver) &&
      matchesAny(filters.id, (id) => network.Id.startsWith(id)) &&
      matchesAny(filters.name, (name) => network.Name.includes(name)) &&
      matchesAny(filters.scope, (scope) => scope === network.Scope) &&
      matchesAny(filters.type, (type) => type === typeOf(network)) &&
      matchesLabels(filters.label, network.Labels),
  );
}

/** The networks that containers join. */
export function networkHandlers(deps: { readonly networks: Networks }): Handlers {
  const { networks } = deps;
  return {
    NetworkList: (request) => {
      const filters = parseFilters(request.query.text("filters"), acceptedFilters);
      const found = select(networks.list(), filters);
      answerJson(
        request,
        200,
        found.map((network) => ({ ...network, Containers: {} })),
      );
    },
    NetworkInspect: (request) => {
      const id = param(request, "id");
      const verbose = request.query.text("verbose");
      if (!truthTexts.has(verbose)) {
        const why = `strconv.ParseBool: parsing ${JSON.stringify(verbose)}: invalid syntax`;
        throw invalid(`invalid value for verbose: ${verbose}: ${why}`);
      }
      const network = networks.inspect(id);
      const scope = request.query.text("scope");
      if (scope !== "" && scope !== network.Scope) throw notFound(`network ${id} not found`);
      answerJson(request, 200, network);
    },
  };
}
