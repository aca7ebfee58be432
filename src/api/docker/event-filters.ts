import type { EventMessage } from "../../wire/docker/system.ts";
import { type Filters, matchesAny, matchesLabels } from "./filters.ts";

/** Actions that carry details behind a colon: a filter may name them without. */
const detailedActions: readonly string[] = ["health_status", "exec_create", "exec_start"];

/** Types whose events a filter of the same name picks by id or name, whole or beginning. */
const namedTypes: readonly string[] = [
  "daemon",
  "container",
  "plugin",
  "volume",
  "network",
  "node",
  "service",
  "secret",
  "config",
];

function withoutTag(image: string): string {
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/") ? image.slice(0, colon) : image;
}

function matchesAction(wanted: readonly string[] | undefined, action: string): boolean {
  const isShort = wanted?.some((name) => detailedActions.includes(name)) === true;
  const compared = isShort ? (action.split(":")[0] ?? "") : action;
  return matchesAny(wanted, (name) => name === compared);
}

function matchesImage(wanted: readonly string[] | undefined, event: EventMessage): boolean {
  const { ID, Attributes } = event.Actor;
  const name = (event.Type === "image" ? Attributes.name : Attributes.image) ?? "";
  const names = new Set([ID, name, withoutTag(ID), withoutTag(name)]);
  return matchesAny(wanted, (image) => names.has(image));
}

/** Whether an event passes filters as `GET /events` takes them: all names must match, of each name one value. */
export function matchesEvent(filters: Filters, event: EventMessage): boolean {
  const { ID, Attributes } = event.Actor;
  const isNamed = (type: string): boolean =>
    matchesAny(
      filters[type],
      (wanted) => event.Type === type && (ID.startsWith(wanted) || (Attributes.name ?? "").startsWith(wanted)),
    );
  return (
    matchesAction(filters.event, event.Action) &&
    matchesAny(filters.type, (type) => type === event.Type) &&
    matchesAny(filters.scope, (scope) => scope === event.scope) &&
    namedTypes.every(isNamed) &&
    matchesImage(filters.image, event) &&
    matchesLabels(filters.label, Attributes)
  );
}
