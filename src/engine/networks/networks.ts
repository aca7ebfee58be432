/**
 * What a network is: a segment that sandboxes join, with its subnet, gateway and way to the outside.
 * Built in are `bridge`, `host` and `none`.
 */
import type { NetworkInspect } from "../../wire/docker/networks.ts";

/** All networks of this engine. */
export interface Networks extends AsyncDisposable {
  list(): NetworkInspect[];
  /** By name, id or unique prefix of an id. Errors: not-found `network NAME not found`. */
  inspect(nameOrId: string): NetworkInspect;
}
