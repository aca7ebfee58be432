/** What the containers noun needs of the rest of the engine. */
import type { Logger } from "../../base/logger.ts";
import type { Cgroups } from "../../host/cgroups/index.ts";
import type { Instance } from "../../host/instance.ts";
import type { Runtime } from "../../host/runtime/index.ts";
import type { Events } from "../events/index.ts";
import type { Images } from "../images/index.ts";
import type { Snapshots } from "../layers/index.ts";
import type { Networks } from "../networks/index.ts";
import type { Sandboxes } from "../sandboxes/index.ts";
import type { HostConfigDefaults } from "./container-config.ts";
import type { ContainerStore } from "./table.ts";

/** Given once by the composition root. */
export interface ContainersDeps {
  readonly instance: Instance;
  readonly store: ContainerStore;
  readonly images: Pick<Images, "resolve" | "commit">;
  readonly snapshots: Snapshots;
  readonly networks: Pick<Networks, "inspect">;
  readonly sandboxes: Sandboxes;
  readonly runtime: Runtime;
  readonly cgroups: Pick<Cgroups, "layout" | "stats" | "limit" | "available">;
  readonly events: Events;
  readonly defaults: HostConfigDefaults;
  readonly log: Logger;
}
