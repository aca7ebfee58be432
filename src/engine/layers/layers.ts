/**
 * Layers and snapshots. A layer is an unpacked, read-only file tree shared by images; a snapshot is a container's own
 * writable tree over a chain of layers, mounted by overlayfs.
 */

/** A container's writable tree. */
export interface Snapshot {
  readonly id: string;
  /** Where it is mounted while the container runs. */
  readonly mountPoint: string;
  readonly upperDir: string;
  readonly workDir: string;
  /** Highest first, as overlayfs takes them. */
  readonly lowerDirs: readonly string[];
}

/** All snapshots of this engine. */
export interface Snapshots {
  /** Makes the folders of a container's snapshot over `layers` (lowest first); nothing is mounted. */
  create(id: string, layers: readonly string[]): Promise<Snapshot>;
  get(id: string): Snapshot | undefined;
  /** Mounts the snapshot if it is not; `isVolatile` gives up crash safety for speed (`--rm` containers, build steps). */
  mount(id: string, options: { isVolatile: boolean }): Promise<Snapshot>;
  /** Unmounts off the event loop; absent or unmounted is no error. */
  unmount(id: string): Promise<void>;
  /** Unmounts and deletes; absent is no error. */
  remove(id: string): Promise<void>;
  /** Bytes that the writable tree takes. */
  size(id: string): Promise<number>;
  /** Bytes of the whole file system: writable tree and layers. */
  virtualSize(id: string): Promise<number>;
  /** After a start: unmounts what does not run, deletes snapshots of unknown ids. */
  reconcile(known: ReadonlySet<string>, running: ReadonlySet<string>): Promise<void>;
}
