import { Serial } from "../../base/serial.ts";
import type { RuntimeExit } from "../../host/runtime/index.ts";
import { thisMachine } from "../spec/index.ts";
import { getArchive, putArchive, statPath } from "./archive.ts";
import { attach } from "./attach.ts";
import { changes } from "./changes.ts";
import { commit } from "./commit.ts";
import type { RootDeps } from "./container-root.ts";
import type { Containers } from "./containers.ts";
import { create } from "./create.ts";
import type { ContainersDeps } from "./deps.ts";
import { withRoom } from "./disk-room.ts";
import { Execs } from "./exec.ts";
import { giveUpRestarting, handleExitInTurn, restartAfterDelay } from "./exited.ts";
import { exportTree } from "./export.ts";
import { Healths } from "./healths.ts";
import { inspect } from "./inspect.ts";
import { list } from "./list.ts";
import { LogMirrors } from "./log-mirrors.ts";
import { logs } from "./logs.ts";
import { pause, unpause } from "./pause.ts";
import { prune } from "./prune.ts";
import { reconcile } from "./reconcile.ts";
import { isRunning } from "./record.ts";
import { refuseToRemove, removeInTurn } from "./remove.ts";
import { rename } from "./rename.ts";
import { resize } from "./resize.ts";
import { refuseToStart, startInTurn } from "./start.ts";
import { statsOnce, statsStream } from "./stats.ts";
import { kill, killAndWait, refuseToStop, stopRunning } from "./stop.ts";
import { type Container, ContainerTable } from "./table.ts";
import { top } from "./top.ts";
import { checkUpdate, updateInTurn } from "./update.ts";
import { wait } from "./wait.ts";

/** Opens the containers of an engine: reads the records, and follows exits from now on. */
export function openContainers(deps: ContainersDeps): Containers {
  const table = new ContainerTable(deps.store, deps.events, deps.log);
  const turns = new Serial();
  const execs = new Execs(deps, table);
  const mirrors = new LogMirrors(deps);
  const healths = new Healths(table, execs);
  const restarts = new Set<Promise<void>>();

  const inTurn = <T>(container: Container, task: () => Promise<T>): Promise<T> => turns.run(container.id, task);

  /** What accompanies a container that has started. */
  const follow = (container: Container): void => {
    mirrors.begin(container);
    healths.begin(container);
  };
  const parts: RootDeps = { deps, table, inTurn };

  const restartLater = (container: Container): void => {
    const restart = restartAfterDelay(deps, table, container, (task) => inTurn(container, task))
      .then(() => follow(container))
      .catch((error: unknown) => {
        deps.log.error("restarting a container", { id: container.id, error });
      });
    restarts.add(restart);
    void restart.finally(() => restarts.delete(restart));
  };

  const onExit = (exit: RuntimeExit): Promise<void> => {
    const container = table.byId(exit.id);
    if (container === undefined) return deps.runtime.delete(exit.id);
    container.dying.resolve();
    healths.end(container);
    return inTurn(container, async () => {
      await handleExitInTurn(deps, table, container, exit, restartLater);
      mirrors.finish(container);
    }).catch((error: unknown) => {
      deps.log.error("taking note of an exit", { id: exit.id, error });
    });
  };
  deps.runtime.onExit((exit) => void onExit(exit));

  const start = async (container: Container): Promise<void> => {
    container.restartTimer?.abort();
    await inTurn(container, async () => {
      refuseToStart(container);
      // Whoever starts a container begins the count of its restarts anew.
      container.restartDelay = 0;
      if (container.record.restartCount > 0) table.update(container, { restartCount: 0 });
      await startInTurn(deps, table, container);
      follow(container);
    });
  };

  /** Resolves when the removals that are under way now have ended. */
  const removals = async (): Promise<void> => {
    await Promise.all(table.removing().map((container) => inTurn(container, async () => {})));
  };

  /** Ends a container and waits until everything that follows its exit but the unmounting is done. */
  const stop = async (container: Container, options: { timeout?: number; signal?: string }): Promise<void> => {
    table.update(container, { wasStoppedByUser: true });
    container.restartTimer?.abort();
    if (container.record.state.status === "restarting") {
      giveUpRestarting(table, container);
      return;
    }
    const { promise: ended } = container.ended;
    await stopRunning(deps, table, container, options);
    await ended;
  };

  const removeStopped = (container: Container): Promise<void> =>
    inTurn(container, async () => {
      // A container with AutoRemove went by itself.
      if (table.byId(container.id) === undefined || container.record.state.status === "removing") return;
      execs.forget(container);
      await mirrors.drop(container);
      await removeInTurn(deps, table, container);
    });

  return {
    create: (request, options) => withRoom(() => create(deps, table, request, options), removals),
    start: (id) => {
      const container = table.resolve(id);
      return withRoom(() => start(container), removals);
    },
    stop: async (id, options) => {
      const container = table.resolve(id);
      refuseToStop(container);
      await stop(container, options);
    },
    restart: async (id, options) => {
      const container = table.resolve(id);
      if (isRunning(container.record.state) || container.record.state.status === "restarting") {
        await stop(container, options);
      }
      await start(container);
      table.emit(container, "restart");
    },
    kill: (id, signal) => kill(deps, table, id, signal),
    pause: (id) => pause(deps, table, inTurn, healths, id),
    unpause: (id) => unpause(deps, table, inTurn, healths, id),
    rename: async (id, name) => rename(table, id, name),
    remove: async (id, options) => {
      const container = table.resolve(id);
      refuseToRemove(container, id, options.force);
      container.restartTimer?.abort();
      table.update(container, { wasStoppedByUser: true });
      if (isRunning(container.record.state)) {
        const { promise: ended } = container.ended;
        await killAndWait(deps, table, container);
        await ended;
      }
      await removeStopped(container);
    },
    prune: (filters) =>
      prune(deps, table, filters, async (container) => {
        refuseToRemove(container, container.id, false);
        await removeStopped(container);
      }),
    stats: (id, { isOneShot }) => statsOnce(deps, table, id, isOneShot),
    statsStream: (id, signal) => statsStream(deps, table, id, signal),
    update: async (id, request) => {
      const container = table.resolve(id);
      const { Warnings, request: possible } = await checkUpdate(deps, request, thisMachine().hasBlockIoWeight);
      await inTurn(container, () => updateInTurn(deps, table, container, possible));
      return { Warnings };
    },
    inspect: (id, options) => inspect(deps, table, id, options),
    list: (options) => list(deps, table, options),
    top: (id, psArguments) => top(deps, table, id, psArguments),
    wait: async (id, condition, signal) => wait(table, id, condition, signal),
    attach: (id, options) => attach(deps, table, id, options),
    resize: (id, size) => resize(deps, table, id, size),
    logs: async (id, options) => logs(deps, table, id, options),
    createExec: (id, request) => execs.create(id, request),
    startExecDetached: (execId) => execs.startDetached(execId),
    startExec: (execId, options) => execs.start(execId, options),
    resizeExec: (execId, size) => execs.resize(execId, size),
    inspectExec: (execId) => execs.inspect(execId),
    statPath: (id, path) => statPath(parts, id, path),
    getArchive: (id, path) => getArchive(parts, id, path),
    putArchive: (id, path, archive, options) => putArchive(parts, id, path, archive, options),
    changes: (id) => changes(deps, table, id),
    commit: (id, request) => commit(parts, id, request),
    export: (id) => exportTree(parts, id),
    usersOf: (imageId) =>
      table
        .visible()
        .filter((each) => each.record.imageId === imageId)
        .map((each) => ({ id: each.id, running: isRunning(each.record.state) })),
    reconcile: async () => {
      await reconcile(deps, table, { onExit, start, restartLater });
      for (const container of table.visible()) follow(container);
    },
    [Symbol.asyncDispose]: async () => {
      for (const container of table.visible()) container.restartTimer?.abort();
      await Promise.allSettled([...restarts]);
      await healths[Symbol.asyncDispose]();
      await turns.idle();
      await mirrors[Symbol.asyncDispose]();
    },
  };
}
