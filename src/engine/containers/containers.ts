/**
 * What a container is, and everything that can be done with one. Life:
 *
 *     created → running ⇄ paused → exited → removed
 *               running → restarting → running
 *
 * The record on disk says what a container should be; the kernel says what it is. After a start of the daemon the two
 * are brought together.
 */
import type { Duplex, Readable } from "node:stream";
import type {
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerPathStat,
  ContainerSummary,
  ContainerTop,
  ContainerWaitResponse,
  ExecCreateRequest,
  ExecInspect,
  FilesystemChange,
} from "../../wire/docker/containers.ts";
import type { ContainersPruned } from "../../wire/docker/disk-usage.ts";
import type { ContainerStats, ContainerUpdateRequest, ContainerUpdateResponse } from "../../wire/docker/stats.ts";
import type { LogChunk, LogReadOptions } from "../logs/index.ts";
import type { OutgoingArchive, PutArchiveOptions } from "./archive.ts";
import type { CommitRequest } from "./commit.ts";

/** Which standard streams a client wants, and how. */
export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Replay what was logged before. */
  readonly logs: boolean;
  /** Go on with what comes. */
  readonly stream: boolean;
  /** As Docker writes them: `ctrl-p,ctrl-q`; empty for the default. */
  readonly detachKeys: string;
}

/** The client's side of an attach: raw for a terminal, else framed by the front door with `frame`. */
export interface AttachedClient {
  /** Where the client's input comes from and its output goes to. */
  readonly stream: Duplex;
  /** Puts Docker's stream header before a piece of output; the identity for a terminal. */
  readonly frame: (stream: "stdout" | "stderr", data: Buffer) => Buffer;
}

/** An attach that is ready: nothing of the output is lost from here on. */
export interface Attaching {
  /** Whether the container has a terminal: its output is one raw stream. */
  readonly tty: boolean;
  /** Carries the bytes until the container ends, the client leaves or detaches; never rejects for a client that leaves. */
  run(client: AttachedClient): Promise<void>;
  /** Gives up without a client. */
  cancel(): void;
}

/** Filters of the list: `{ status: ["running"], label: ["a=b"] }`. */
export type ContainerFilters = Readonly<Record<string, readonly string[]>>;

/** All containers of this engine. Wherever `id` stands, a name or a unique prefix of an id is taken too. */
export interface Containers extends AsyncDisposable {
  /** Errors: invalid, not-found (image), conflict (name), unsupported (an option that is not built). */
  create(
    request: ContainerCreateRequest,
    options: { name: string; platform: string },
  ): Promise<ContainerCreateResponse>;
  /** Errors: not-found, not-modified when it runs, invalid with Docker's text when the command cannot run. */
  start(id: string, options?: { detachKeys?: string }): Promise<void>;
  /** `timeout` in seconds: undefined takes the container's own, negative waits for ever. Errors: not-modified. */
  stop(id: string, options: { timeout?: number; signal?: string }): Promise<void>;
  restart(id: string, options: { timeout?: number; signal?: string }): Promise<void>;
  /** `signal` as a name or number; empty means SIGKILL. Errors: conflict when it does not run, invalid signal. */
  kill(id: string, signal: string): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string, options: { force: boolean; volumes: boolean; link: boolean }): Promise<void>;
  inspect(id: string, options: { size: boolean }): Promise<ContainerInspect>;
  /** `limit` 0 for all; newest first. */
  list(options: { all: boolean; size: boolean; limit: number; filters: ContainerFilters }): Promise<ContainerSummary[]>;
  /** `psArguments` as given to ps(1), `-ef` by default. */
  top(id: string, psArguments: string): Promise<ContainerTop>;
  /** What it uses: `isOneShot` answers right away, else the processor's time is set against that of a second ago. */
  stats(id: string, options: { isOneShot: boolean }): Promise<ContainerStats>;
  /** What it uses each second, until it is removed or `signal` fires. */
  statsStream(id: string, signal: AbortSignal): AsyncIterable<ContainerStats>;
  /** Changes limits and the restart policy. Errors: invalid, conflict, internal when the kernel refuses. */
  update(id: string, request: ContainerUpdateRequest): Promise<ContainerUpdateResponse>;
  /** Removes those that do not run. Errors: invalid. */
  prune(filters: ContainerFilters): Promise<ContainersPruned>;
  /** Checks and registers at once; the promise inside resolves when the condition is met. */
  wait(
    id: string,
    condition: "not-running" | "next-exit" | "removed",
    signal: AbortSignal,
  ): Promise<{ result: Promise<ContainerWaitResponse> }>;
  attach(id: string, options: AttachOptions): Promise<Attaching>;
  resize(id: string, size: { width: number; height: number }): Promise<void>;
  /** Errors: not-found, and invalid or unsupported where the log driver cannot be read. */
  logs(id: string, options: Omit<LogReadOptions, "ended">): Promise<{ tty: boolean; chunks: AsyncIterable<LogChunk> }>;
  /** Gives the id of an exec that is not started. */
  createExec(id: string, request: ExecCreateRequest): Promise<string>;
  /** Starts without a client. */
  startExecDetached(execId: string): Promise<void>;
  /** Starts with a client on its streams. Errors: not-found `No such exec instance: ID`, conflict when it has run. */
  startExec(execId: string, options: { size?: { width: number; height: number } }): Promise<Attaching>;
  resizeExec(execId: string, size: { width: number; height: number }): Promise<void>;
  inspectExec(execId: string): ExecInspect;
  /** What is at a path. Errors: not-found, internal with Docker's texts. */
  statPath(id: string, path: string): Promise<ContainerPathStat>;
  /** A tar of what is at a path, to be read to its end or destroyed. Errors: as {@link statPath}. */
  getArchive(id: string, path: string): Promise<OutgoingArchive>;
  /** Unpacks into a folder. Errors: not-found, invalid (no folder, read-only), internal with Docker's texts. */
  putArchive(id: string, path: string, archive: Readable, options: PutArchiveOptions): Promise<void>;
  /** What differs from the image. */
  changes(id: string): Promise<FilesystemChange[]>;
  /** Makes an image of it; gives the image's id. Errors: not-found, invalid with Docker's texts for the changes. */
  commit(id: string, request: CommitRequest): Promise<string>;
  /** A tar of the whole file system, to be read to its end or destroyed. */
  export(id: string): Promise<Readable>;
  /** Which containers use an image. */
  usersOf(imageId: string): readonly { readonly id: string; readonly running: boolean }[];
  /** After a start: brings records and kernel together. */
  reconcile(): Promise<void>;
}
