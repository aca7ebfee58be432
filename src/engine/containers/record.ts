/** A container as it is kept on disk, and the pure rules by which its state moves. */
import { zeroTime } from "../../base/clock.ts";
import type { RuntimeProcess } from "../../host/runtime/index.ts";
import type {
  ContainerConfig,
  ContainerState,
  ContainerStatus,
  Health,
  HostConfig,
  MountPoint,
} from "../../wire/docker/containers.ts";
import type { EndpointSettings } from "../../wire/docker/networks.ts";
import { healthPlanOf, next as nextHealth } from "./health.ts";

/** What was last seen or made of a container. */
export interface RecordedState {
  readonly status: ContainerStatus;
  /** Its first process; only while it runs or is paused. */
  readonly process: RuntimeProcess | null;
  readonly exitCode: number;
  readonly error: string;
  readonly oomKilled: boolean;
  /** RFC 3339, or Go's zero time. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Only of containers with a health check, from their first start on. */
  readonly health?: Health;
}

/** A container on disk. */
export interface ContainerRecord {
  readonly id: string;
  /** Without the slash that the API puts before it. */
  readonly name: string;
  /** RFC 3339 with nanoseconds. */
  readonly createdAt: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly imageId: string;
  /** Ids of the image's layers, lowest first. */
  readonly layers: readonly string[];
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** Networks to join, as requested. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly mounts: readonly MountPoint[];
  readonly state: RecordedState;
  readonly restartCount: number;
  /** Whether a user stopped it: `unless-stopped` then leaves it alone, also after a restart of the daemon. */
  readonly wasStoppedByUser: boolean;
}

/** What can happen to a container. */
export type ContainerEvent =
  | { readonly type: "started"; readonly process: RuntimeProcess; readonly at: string; readonly isChecked: boolean }
  | { readonly type: "start-failed"; readonly exitCode: number; readonly error: string }
  | {
      readonly type: "exited";
      readonly exitCode: number;
      readonly oomKilled: boolean;
      readonly at: string;
      readonly willRestart: boolean;
    }
  | { readonly type: "checked"; readonly health: Health }
  | { readonly type: "paused" }
  | { readonly type: "unpaused" }
  | { readonly type: "gave-up-restarting" }
  | { readonly type: "removing" };

/** The state of a container that was never started. */
export const createdState: RecordedState = {
  status: "created",
  process: null,
  exitCode: 0,
  error: "",
  oomKilled: false,
  startedAt: zeroTime,
  finishedAt: zeroTime,
};

/** The state once nobody checks the health any more. */
function withoutChecks(state: RecordedState): RecordedState {
  return { ...state, ...(state.health !== undefined && { health: nextHealth(state.health, { type: "stopped" }) }) };
}

/** The state after `event`; every event may meet every state, since the kernel does not ask. */
export function next(state: RecordedState, event: ContainerEvent): RecordedState {
  switch (event.type) {
    case "started":
      return {
        ...state,
        status: "running",
        process: event.process,
        exitCode: 0,
        error: "",
        oomKilled: false,
        startedAt: event.at,
        ...(event.isChecked && { health: nextHealth(state.health, { type: "began" }) }),
      };
    case "start-failed":
      return {
        ...state,
        status: state.startedAt === zeroTime ? "created" : "exited",
        process: null,
        exitCode: event.exitCode,
        error: event.error,
      };
    case "exited":
      return {
        ...withoutChecks(state),
        status: event.willRestart ? "restarting" : "exited",
        process: null,
        exitCode: event.exitCode,
        oomKilled: event.oomKilled,
        finishedAt: event.at,
      };
    case "checked":
      return { ...state, health: event.health };
    case "paused":
      return state.status === "running" ? { ...withoutChecks(state), status: "paused" } : state;
    case "unpaused":
      return state.status === "paused" ? { ...state, status: "running" } : state;
    case "gave-up-restarting":
      return state.status === "restarting" ? { ...state, status: "exited" } : state;
    case "removing":
      return { ...state, status: "removing", process: null };
  }
}

/** Whether a container's health is checked while it runs. */
export function isChecked(record: Pick<ContainerRecord, "config">): boolean {
  return healthPlanOf(record.config) !== undefined;
}

/** Whether its first process exists. */
export function isRunning(state: RecordedState): boolean {
  return state.status === "running" || state.status === "paused";
}

/** The state as the API shows it. */
export function toApiState(state: RecordedState): ContainerState {
  return {
    Status: state.status,
    Running: isRunning(state) || state.status === "restarting",
    Paused: state.status === "paused",
    Restarting: state.status === "restarting",
    OOMKilled: state.oomKilled,
    Dead: state.status === "dead",
    Pid: state.process?.pid ?? 0,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(state.health !== undefined && { Health: state.health }),
  };
}
