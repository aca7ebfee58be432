/** More processes in a running container. An exec lives in memory: it is gone when the daemon restarts, as with Docker. */
import { conflict, EscaleError, invalid, notFound } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { RuntimeExec } from "../../host/runtime/index.ts";
import type { ExecCreateRequest, ExecInspect } from "../../wire/docker/containers.ts";
import type { Process } from "../../wire/oci/runtime-spec.ts";
import { toExecProcess } from "../spec/index.ts";
import { carry } from "./attach.ts";
import type { Attaching } from "./containers.ts";
import type { ContainersDeps } from "./deps.ts";
import { parseDetachKeys } from "./detach-keys.ts";
import { pathsOf } from "./paths.ts";
import { isRunning } from "./record.ts";
import { type Container, type ContainerTable, refuseWhileRestarting } from "./table.ts";

/** An exec from its creation to five minutes after its end. */
interface Exec {
  readonly id: string;
  readonly container: Container;
  readonly request: ExecCreateRequest;
  /** What runs, as the runtime takes it: users and folders are looked up when the exec is created. */
  readonly process: Process;
  readonly detachKeys: readonly number[];
  hasStarted: boolean;
  isRunning: boolean;
  exitCode: number | null;
  pid: number;
}

/** How long an ended exec can still be inspected, in milliseconds; Docker forgets it in its next sweep. */
const memoryOfEnded = 5 * 60_000;
/** The exit code of an exec that could not begin, where nothing tells a better one: a shell's for "cannot invoke". */
const cannotInvoke = 126;

/** All execs of this daemon. */
export class Execs {
  readonly #byId = new Map<string, Exec>();
  readonly #deps: ContainersDeps;
  readonly #table: ContainerTable;

  constructor(deps: ContainersDeps, table: ContainerTable) {
    this.#deps = deps;
    this.#table = table;
  }

  /** Source: ContainerExec. Errors: not-found, conflict when it does not run or is paused, invalid without a command. */
  async create(id: string, request: ExecCreateRequest): Promise<string> {
    const container = this.#table.resolve(id);
    this.#refuseUnlessRunning(container, id);
    if ((request.Cmd ?? []).length === 0) throw invalid("No exec command specified");
    const detachKeys = parseDetachKeys(request.DetachKeys ?? "");
    this.#deps.runtime.expect();
    const { config, hostConfig } = container.record;
    const rootfs = this.#deps.snapshots.get(container.id)?.mountPoint ?? "";
    const exec: Exec = {
      id: newId(),
      container,
      request,
      process: await toExecProcess({ config, hostConfig, rootfs, request }),
      detachKeys,
      hasStarted: false,
      isRunning: false,
      exitCode: null,
      pid: 0,
    };
    this.#byId.set(exec.id, exec);
    container.execIds.add(exec.id);
    this.#table.emit(container, `exec_create: ${commandText(request)}`, { execID: exec.id });
    return exec.id;
  }

  #refuseUnlessRunning(container: Container, reference: string): void {
    const { state } = container.record;
    if (state.status === "paused") {
      throw conflict(`Container ${reference} is paused, unpause the container before exec`);
    }
    refuseWhileRestarting(container);
    if (!isRunning(state)) throw conflict(`container ${container.id} is not running`);
  }

  #get(execId: string): Exec {
    const exec = this.#byId.get(execId);
    if (exec === undefined) throw notFound(`No such exec instance: ${execId}`);
    return exec;
  }

  async #launch(exec: Exec, isAttached: boolean, size?: { width: number; height: number }): Promise<RuntimeExec> {
    if (exec.hasStarted) throw conflict(`exec ${exec.id} has already run`, { details: { exec: exec.id } });
    this.#refuseUnlessRunning(exec.container, exec.container.id);
    exec.hasStarted = true;
    const { container, request } = exec;
    try {
      const started = await this.#deps.runtime.exec({
        containerId: container.id,
        execId: exec.id,
        bundle: pathsOf(this.#deps.instance, container.id).bundle,
        process: exec.process,
        tty: request.Tty ?? false,
        openStdin: isAttached && (request.AttachStdin ?? false),
        attach: isAttached,
        ...(size !== undefined && { size }),
      });
      exec.isRunning = true;
      exec.pid = started.pid;
      this.#table.emit(container, `exec_start: ${commandText(request)}`, { execID: exec.id });
      void started.exit.then((exitCode) => this.#ended(exec, exitCode));
      return started;
    } catch (error) {
      const code = error instanceof EscaleError ? error.details.exitCode : undefined;
      this.#ended(exec, typeof code === "number" ? code : cannotInvoke);
      throw error;
    }
  }

  #ended(exec: Exec, exitCode: number): void {
    exec.isRunning = false;
    exec.exitCode = exitCode;
    exec.container.execIds.delete(exec.id);
    this.#table.emit(exec.container, "exec_die", { execID: exec.id, exitCode: String(exitCode) });
    setTimeout(() => this.#byId.delete(exec.id), memoryOfEnded).unref();
  }

  /** Source: ExecStart with Detach. Errors: as {@link start}. */
  async startDetached(execId: string): Promise<void> {
    await this.#launch(this.#get(execId), false);
  }

  /** Starts an exec of the engine's own with its output connected. Errors: as {@link start}. */
  launchWatched(execId: string): Promise<RuntimeExec> {
    return this.#launch(this.#get(execId), true);
  }

  /** Source: ExecStart. Errors: not-found, conflict, and invalid with Docker's texts when the command cannot run. */
  async start(execId: string, options: { size?: { width: number; height: number } }): Promise<Attaching> {
    const exec = this.#get(execId);
    const { request } = exec;
    const started = await this.#launch(exec, true, options.size);
    const { attachment } = started;
    return {
      tty: request.Tty ?? false,
      cancel: () => attachment?.socket.destroy(),
      run: async (client) => {
        if (attachment !== undefined) {
          const how = await carry(attachment.socket, client, {
            stdin: request.AttachStdin ?? false,
            stdout: request.AttachStdout ?? false,
            stderr: request.AttachStderr ?? false,
            tty: request.Tty ?? false,
            detachKeys: exec.detachKeys,
            endsStdin: true,
          });
          // A client reads the exit code as soon as the stream ends.
          if (how === "ended") await started.exit;
          if (how === "detached") this.#table.emit(exec.container, "exec_detach", { execID: exec.id });
        }
      },
    };
  }

  /** Source: ExecResize. Errors: not-found, conflict when it does not run. */
  async resize(execId: string, size: { width: number; height: number }): Promise<void> {
    const exec = this.#get(execId);
    if (!exec.isRunning) throw conflict(`exec ${execId} is not running`);
    await this.#deps.runtime.resizeExec(exec.container.id, exec.id, size);
  }

  /** Source: ExecInspect. Errors: not-found. */
  inspect(execId: string): ExecInspect {
    const exec = this.#get(execId);
    const [entrypoint = "", ...rest] = exec.request.Cmd ?? [];
    return {
      ID: exec.id,
      Running: exec.isRunning,
      ExitCode: exec.exitCode,
      ProcessConfig: {
        tty: exec.request.Tty ?? false,
        entrypoint,
        arguments: rest,
        privileged: exec.request.Privileged ?? false,
        ...(exec.request.User && { user: exec.request.User }),
      },
      OpenStdin: exec.request.AttachStdin ?? false,
      OpenStderr: exec.request.AttachStderr ?? false,
      OpenStdout: exec.request.AttachStdout ?? false,
      CanRemove: exec.hasStarted && !exec.isRunning,
      ContainerID: exec.container.id,
      DetachKeys: exec.request.DetachKeys ?? "",
      Pid: exec.pid,
    };
  }

  /** Forgets the execs of a container that is removed. */
  forget(container: Container): void {
    for (const id of container.execIds) this.#byId.delete(id);
  }
}

function commandText(request: ExecCreateRequest): string {
  const [program = "", ...rest] = request.Cmd ?? [];
  return `${program} ${rest.join(" ")}`;
}
