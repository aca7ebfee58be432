import { parseRfc3339Nano, zeroTime } from "../../base/clock.ts";
import { humanDuration } from "../../base/durations.ts";
import { invalid } from "../../base/errors.ts";
import type { ContainerSummary, Health, PortMap, PortSummary } from "../../wire/docker/containers.ts";
import type { ContainerFilters } from "./containers.ts";
import type { ContainersDeps } from "./deps.ts";
import { endpointsOf } from "./inspect.ts";
import { type ContainerRecord, isRunning, type RecordedState } from "./record.ts";
import type { Container, ContainerTable } from "./table.ts";

const healthStatuses = ["none", "starting", "healthy", "unhealthy"];
const statuses = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

function healthText(health: Health | undefined): string {
  if (health === undefined) return "";
  return health.Status === "starting" ? " (health: starting)" : ` (${health.Status})`;
}

/** `Up 3 minutes`, `Exited (0) 2 hours ago`, as Docker's lists say it. `now` in milliseconds since 1970. */
export function statusText(state: RecordedState, now: number): string {
  const since = (time: string): string => {
    const at = parseRfc3339Nano(time) ?? 0n;
    return humanDuration(now - Number(at / 1_000_000n));
  };
  switch (state.status) {
    case "running":
      return `Up ${since(state.startedAt)}${healthText(state.health)}`;
    case "paused":
      return `Up ${since(state.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "exited":
      return state.finishedAt === zeroTime ? "Created" : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
    case "created":
      return "Created";
  }
}

/** The command line as the list shows it: words with blanks are quoted. */
function commandText(record: ContainerRecord): string {
  return [record.path, ...record.args]
    .map((word, index) => (index > 0 && word.includes(" ") ? `'${word}'` : word))
    .join(" ");
}

/** Ports of a container, published and exposed, in the order that Docker's clients expect to sort themselves. */
export function portSummaries(ports: PortMap): PortSummary[] {
  const summaries: PortSummary[] = [];
  for (const [key, bindings] of Object.entries(ports)) {
    const [port, protocol] = key.split("/");
    const base = { PrivatePort: Number(port), Type: (protocol ?? "tcp") as PortSummary["Type"] };
    if (bindings === null || bindings.length === 0) summaries.push(base);
    for (const binding of bindings ?? []) {
      summaries.push({
        ...(binding.HostIp !== undefined && { IP: binding.HostIp }),
        PrivatePort: base.PrivatePort,
        PublicPort: Number(binding.HostPort),
        Type: base.Type,
      });
    }
  }
  return summaries;
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf("=");
  if (at === -1) return wanted in labels;
  return labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

function matchesName(name: string, wanted: string): boolean {
  try {
    const pattern = new RegExp(wanted);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    // Docker takes no notice of a pattern that cannot be compiled: it just matches nothing.
    return false;
  }
}

/** One filter's test; several values of a filter mean any, except labels, where all must hold. */
type Test = (container: Container, values: readonly string[]) => boolean;

function filterTests(deps: ContainersDeps, table: ContainerTable): Readonly<Record<string, Test>> {
  const at = (reference: string): bigint => {
    const { createdAt } = table.resolve(reference).record;
    return parseRfc3339Nano(createdAt) ?? 0n;
  };
  const created = (container: Container): bigint => parseRfc3339Nano(container.record.createdAt) ?? 0n;
  const holdsPort = (ports: PortMap, wanted: string, isPublished: boolean): boolean => {
    const [range, protocol = "tcp"] = wanted.split("/");
    const [first, last = first] = (range ?? "").split("-");
    return Object.entries(ports).some(([key, bindings]) => {
      const [port, type] = key.split("/");
      if (type !== protocol || (isPublished && (bindings?.length ?? 0) === 0)) return false;
      return Number(port) >= Number(first) && Number(port) <= Number(last);
    });
  };
  return {
    id: (container, values) => values.some((value) => container.id.startsWith(value)),
    name: (container, values) => values.some((value) => matchesName(container.record.name, value)),
    label: (container, values) => values.every((value) => hasLabel(container.record.config.Labels, value)),
    status: (container, values) => {
      const wrong = values.find((value) => !statuses.includes(value));
      if (wrong !== undefined)
        throw invalid(
          `invalid filter 'status=${wrong}': invalid value for state (${wrong}): must be one of ${statuses.join(", ")}`,
        );
      return values.includes(container.record.state.status);
    },
    exited: (container, values) => {
      const codes = values.map((value) => {
        if (!/^-?\d+$/.test(value))
          throw invalid(`invalid filter 'exited=${value}': strconv.Atoi: parsing "${value}": invalid syntax`);
        return Number(value);
      });
      return container.record.state.status === "exited" && codes.includes(container.record.state.exitCode);
    },
    ancestor: (container, values) =>
      values.some((value) => {
        if (value === container.record.config.Image || value === container.record.imageId) return true;
        try {
          return deps.images.resolve(value).id === container.record.imageId;
        } catch {
          return false;
        }
      }),
    before: (container, values) => values.every((value) => created(container) < at(value)),
    since: (container, values) => values.every((value) => created(container) > at(value)),
    network: (container, values) => {
      const endpoints = endpointsOf(container.record, deps.sandboxes.get(container.id));
      return values.some(
        (value) =>
          value in endpoints ||
          Object.values(endpoints).some((each) => each.NetworkID !== "" && each.NetworkID.startsWith(value)),
      );
    },
    publish: (container, values) =>
      values.some((value) => holdsPort(deps.sandboxes.get(container.id)?.ports ?? {}, value, true)),
    expose: (container, values) => {
      const exposed = Object.fromEntries(
        Object.keys(container.record.config.ExposedPorts ?? {}).map((key) => [key, null]),
      );
      return values.some((value) => holdsPort(exposed, value, false));
    },
    health: (container, values) => {
      const wrong = values.find((value) => !healthStatuses.includes(value));
      if (wrong !== undefined)
        throw invalid(
          `invalid filter 'health=${wrong}': invalid value for health (${wrong}): must be one of ${healthStatuses.join(", ")}`,
        );
      return values.includes(container.record.state.health?.Status ?? "none");
    },
    volume: (container, values) =>
      values.some((value) =>
        container.record.mounts.some(
          (each) => each.Name === value || each.Destination === value || each.Source === value,
        ),
      ),
    "is-task": (_container, values) => values.every((value) => ["false", "0"].includes(value.toLowerCase())),
    isolation: (_container, values) => values.every((value) => value === "" || value === "default"),
  };
}

/** Containers as the list shows them, newest first. Source: ContainerList. Errors: invalid filter, not-found (before, since). */
export async function list(
  deps: ContainersDeps,
  table: ContainerTable,
  options: { all: boolean; size: boolean; limit: number; filters: ContainerFilters },
): Promise<ContainerSummary[]> {
  const tests = filterTests(deps, table);
  const filters = Object.entries(options.filters).filter(([, values]) => values.length > 0);
  for (const [name] of filters) {
    if (!(name in tests)) throw invalid(`invalid filter '${name}'`);
  }
  const asksForState = filters.some(([name]) => name === "status" || name === "exited");
  const showsAll =
    options.all || options.limit > 0 || asksForState || filters.some(([name]) => name === "before" || name === "since");
  let found = table
    .visible()
    .sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1))
    .filter((each) => showsAll || isRunning(each.record.state) || each.record.state.status === "restarting")
    .filter((each) => filters.every(([name, values]) => tests[name]?.(each, values) ?? false));
  if (options.limit > 0) found = found.slice(0, options.limit);
  const now = Date.now();
  return Promise.all(found.map((each) => summaryOf(deps, each.record, options.size, now)));
}

async function summaryOf(
  deps: ContainersDeps,
  record: ContainerRecord,
  withSize: boolean,
  now: number,
): Promise<ContainerSummary> {
  const sandbox = deps.sandboxes.get(record.id);
  const created = parseRfc3339Nano(record.createdAt) ?? 0n;
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: imageName(deps, record),
    ImageID: record.imageId,
    Command: commandText(record),
    Created: Number(created / 1_000_000_000n),
    Ports: portSummaries(sandbox?.ports ?? {}),
    ...(withSize && (await sizes(deps, record.id))),
    Labels: record.config.Labels,
    State: record.state.status,
    Status: statusText(record.state, now),
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode,
      ...(record.hostConfig.Annotations !== undefined && { Annotations: record.hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: endpointsOf(record, sandbox) },
    Mounts: record.mounts.filter((mount) => mount.Type !== "tmpfs").map((mount) => ({ ...mount })),
  };
}

/** Docker leaves out a size of 0. */
async function sizes(deps: ContainersDeps, id: string): Promise<{ SizeRw?: number; SizeRootFs: number }> {
  const written = await deps.snapshots.size(id);
  return { ...(written > 0 && { SizeRw: written }), SizeRootFs: await deps.snapshots.virtualSize(id) };
}

/** The name that the container was made from, or the image's id once that name means another image. */
function imageName(deps: ContainersDeps, record: ContainerRecord): string {
  try {
    return deps.images.resolve(record.config.Image).id === record.imageId ? record.config.Image : record.imageId;
  } catch {
    return record.imageId;
  }
}
