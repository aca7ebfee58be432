/**
 * Runs OCI bundles by crun, each under a conmon of its own, so that containers, their logs and their exit codes go on
 * without the daemon. Life of a container here: created (crun's init waits at its exec FIFO) → running ⇄ paused →
 * exited (an exit file appears) → deleted.
 */
import type { Socket } from "node:net";

/** How to create a container from a bundle folder that holds `config.json`. */
export interface RuntimeCreateOptions {
  readonly id: string;
  /** Folder with `config.json`; conmon's pid, sync and control files are kept in it too. */
  readonly bundle: string;
  /** A file for all output in the k8s-file format, or null to keep none. */
  readonly logPath: string | null;
  readonly tty: boolean;
  /** Whether standard input is open. */
  readonly openStdin: boolean;
  /** Whether standard input stays open when an attached client ends it. */
  readonly leaveStdinOpen: boolean;
  /** Initial size of the terminal: columns and rows, 0 for the default. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** A process that the runtime made. */
export interface RuntimeProcess {
  readonly pid: number;
  readonly monitorPid: number;
  /** Start time of `pid` in clock ticks since boot (field 22 of /proc/PID/stat), to tell it from a later process with its number. */
  readonly startTime: string;
}

/** How a process ended. */
export interface RuntimeExit {
  readonly id: string;
  /** 128 + signal for a signal. */
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How to run one more process in a running container. */
export interface RuntimeExecOptions {
  readonly containerId: string;
  readonly execId: string;
  readonly bundle: string;
  /** An OCI process document. */
  readonly process: object;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  /** Whether to connect to its input and output before it starts. */
  readonly attach: boolean;
}

/** An exec that runs. */
export interface RuntimeExec {
  readonly pid: number;
  /** Present when asked for; carries its output from the first byte. */
  readonly attachment: Attachment | undefined;
  /** Resolves with the exit code. */
  readonly exit: Promise<number>;
}

/**
 * A connection to a container's standard streams. Packets of conmon: the first byte tells the stream (2 stdout, 3
 * stderr; a terminal's output arrives as 2); one 'data' event is one packet. Writing goes to standard input; ending it
 * closes standard input where the container was created so. So does closing the whole connection, also one that never
 * wrote: conmon cannot tell them apart. Who wants output only should share a connection that stays open.
 */
export interface Attachment {
  readonly socket: Socket;
}

/** The runtime of one engine. */
export interface Runtime extends AsyncDisposable {
  /**
   * Writes `config.json` into a bundle folder. Better than writing it oneself: seccomp rules that were compiled for an
   * earlier container are given to crun in their compiled form, which halves the time of a create.
   */
  writeSpec(bundle: string, spec: object): Promise<void>;
  /**
   * conmon + crun create. Errors carry Docker's texts (`executable file not found in $PATH`, `permission denied`…) with
   * kind invalid for what the user asked wrongly; on failure nothing is left.
   */
  create(options: RuntimeCreateOptions): Promise<RuntimeProcess>;
  /**
   * Says that a create or an exec is near, as when a container was just made for `run`: what the kernel must wait for
   * begins meanwhile. Costs microseconds, and nothing is lost when none comes.
   */
  expect(): void;
  /** Lets a created container's program run. */
  start(id: string, bundle: string): Promise<void>;
  /** Connects to a created or running container's streams. */
  attach(id: string, bundle: string): Promise<Attachment>;
  /** Sets the terminal's size. */
  resize(bundle: string, size: { readonly width: number; readonly height: number }): Promise<void>;
  /** Sends a signal to the init process only. Errors: conflict when it does not run. */
  kill(process: RuntimeProcess, signal: number): void;
  /** Kills every process in the container's cgroups (for containers that share the host's PID namespace). */
  killAll(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Removes crun's state, cgroups and leftovers of a container that has ended; absent is no error. */
  delete(id: string): Promise<void>;
  exec(options: RuntimeExecOptions): Promise<RuntimeExec>;
  /** Sets the size of an exec's terminal. */
  resizeExec(
    containerId: string,
    execId: string,
    size: { readonly width: number; readonly height: number },
  ): Promise<void>;
  /** Host pids of all processes in the container. */
  pids(id: string): Promise<number[]>;
  /** Makes conmon write to a new log file, after the old one was renamed. */
  reopenLog(bundle: string): Promise<void>;
  /** Called for each exit from now on; also for those that {@link findExit} has not been asked about. */
  onExit(listener: (exit: RuntimeExit) => void): void;
  /** The exit of a container that may have ended while nobody looked, or undefined while it runs. */
  findExit(id: string): Promise<RuntimeExit | undefined>;
  /** Whether this very process (pid and start time) is still there. */
  isAlive(process: RuntimeProcess): boolean;
  /** Ids that crun has state for: to find half-made and orphaned containers after a start. */
  list(): Promise<string[]>;
  /** What a bundle's sync file says about a create that the daemon did not see the end of. */
  recover(id: string, bundle: string): Promise<RuntimeProcess | undefined>;
}
