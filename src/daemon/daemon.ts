/** The one place that builds everything, in the order of dependencies; stopping is the reverse. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { dockerDoor } from "../api/docker/index.ts";
import { escaleDoor } from "../api/escale/index.ts";
import type { Logger } from "../base/logger.ts";
import { escaleVersion } from "../base/version.ts";
import { type Containers, openContainers } from "../engine/containers/index.ts";
import { openEvents } from "../engine/events/index.ts";
import { openImages } from "../engine/images/index.ts";
import { openLayers, openSnapshots } from "../engine/layers/index.ts";
import { openNetworks } from "../engine/networks/index.ts";
import { openSandboxes } from "../engine/sandboxes/index.ts";
import { openSystem } from "../engine/system/index.ts";
import { openCgroups } from "../host/cgroups/index.ts";
import { openFirewall } from "../host/firewall/index.ts";
import { openRuntime } from "../host/runtime/index.ts";
import { openHttpServer, parseListenAddress } from "../http/index.ts";
import { openBlobs } from "../storage/blobs/index.ts";
import { openRecords } from "../storage/records/index.ts";
import type { DaemonConfig } from "./config.ts";
import { containerRecords, networkRecords, sandboxRecords } from "./records.ts";

/** A daemon whose doors are open. */
export interface Daemon extends AsyncDisposable {
  /** Where Docker's API is served, several separated by commas. */
  readonly dockerAddress: string;
}

/** Opens everything and brings it in line with what an earlier daemon left. Errors: what any part cannot do. */
export async function openDaemon(config: DaemonConfig, log: Logger): Promise<Daemon> {
  await using scope = new AsyncDisposableStack();
  const { instance } = config;
  const part = (name: string): Logger => log.child({ part: name });
  for (const folder of [instance.dataRoot, instance.execRoot]) mkdirSync(folder, { recursive: true, mode: 0o700 });

  const cgroups = await openCgroups(instance.tag);
  const records = scope.use(openRecords(join(instance.dataRoot, "records.db"), { log: part("storage.records") }));
  const blobs = await openBlobs(join(instance.dataRoot, "blobs"));
  const events = openEvents();

  const layers = await openLayers({ records, blobs, dataRoot: instance.dataRoot, log: part("engine.layers") });
  const snapshots = await openSnapshots({
    records,
    layers,
    dataRoot: instance.dataRoot,
    execRoot: instance.execRoot,
    log: part("engine.layers"),
  });
  let containers: Containers | undefined;
  const images = scope.use(
    await openImages({
      records,
      blobs,
      layers,
      usedBy: (imageId) => containers?.usersOf(imageId) ?? [],
      onEvent: (action, id, attributes) => events.emit("image", action, { id, attributes }),
      log: part("engine.images"),
    }),
  );

  const store = containerRecords(records);
  const nameOf = (id: string): string => store.nameOf(id) ?? id;
  const firewall = scope.use(openFirewall(instance.tag));
  const networks = scope.use(
    await openNetworks(
      { instance, firewall, storage: networkRecords(records), nameOf, log: part("engine.networks") },
      {
        ...(config.bridgeAddress !== undefined && { bip: config.bridgeAddress }),
        ...(config.addressPools.length > 0 && { "default-address-pools": config.addressPools }),
      },
    ),
  );
  const sandboxes = scope.use(
    await openSandboxes({
      instance,
      networks,
      firewall,
      records: sandboxRecords(records),
      nameOf,
      log: part("engine.sandboxes"),
    }),
  );
  const runtime = scope.use(await openRuntime({ instance, cgroups, log: part("host.runtime") }));
  containers = scope.use(
    openContainers({
      instance,
      store,
      images,
      snapshots,
      networks,
      sandboxes,
      runtime,
      cgroups,
      events,
      defaults: {
        logDriver: config.logDriver,
        logOptions: config.logOptions,
        cgroupnsMode: cgroups.layout.version === 2 ? "private" : "host",
      },
      log: part("engine.containers"),
    }),
  );
  const all = containers;
  await containers.reconcile();
  await images.reconcile();

  const system = await openSystem({
    dataRoot: instance.dataRoot,
    version: escaleVersion,
    labels: config.labels,
    isDebug: config.logLevel === "debug",
    loggingDriver: config.logDriver,
    drivers: { volume: [], network: ["bridge", "host", "null"], log: ["json-file", "none"] },
    runtime: { name: "crun", path: "/usr/bin/crun" },
    monitor: { name: "conmon", path: "/usr/bin/conmon" },
    registryMirrors: [],
    insecureRegistries: [],
    proxy: { http: "", https: "", no: "" },
    containerStates: async () => store.states(),
    imageCount: async () => (await images.list({ all: false, filters: {}, sharedSize: false })).length,
    space: {
      images: () => images.list({ all: false, filters: {}, sharedSize: true }),
      containers: () => all.list({ all: true, size: true, limit: 0, filters: {} }),
      layersSize: () => images.layersSize(),
    },
  });
  const docker = dockerDoor({ containers, images, networks, events, system, log });
  const own = escaleDoor({ images, log: part("api.escale") });
  const server = scope.use(
    await openHttpServer(config.hosts.map(parseListenAddress), {
      ...docker,
      handle: (exchange) => (own(exchange) ? undefined : docker.handle(exchange)),
    }),
  );

  const opened = scope.move();
  return {
    dockerAddress: server.addresses.join(","),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
