/** An engine's images over an own data root, for tests. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { openLogger } from "../../src/base/logger.ts";
import { type Images, openImages } from "../../src/engine/images/index.ts";
import { type Layers, openLayers } from "../../src/engine/layers/index.ts";
import { openBlobs } from "../../src/storage/blobs/index.ts";
import { openRecords, type Records } from "../../src/storage/records/index.ts";
import type { ProgressMessage } from "../../src/wire/docker/images.ts";
import { pieces } from "./archives.ts";

const log = openLogger("error", () => {});

/** The texts that a load told: what went well, or the error. */
export function said(messages: readonly ProgressMessage[]): (string | undefined)[] {
  return messages.map((message) => message.stream ?? message.error);
}

/** Images, and what a test wants to see of them. */
export class ImageWorld {
  dataRoot = "";
  records!: Records;
  layers!: Layers;
  images!: Images;
  /** `action name`, in order. */
  events: string[] = [];
  users: { id: string; running: boolean; image: string }[] = [];

  /** Makes a data root and opens it. */
  async begin(): Promise<void> {
    this.dataRoot = mkdtempSync(join(tmpdir(), "escale-images-"));
    this.events = [];
    this.users = [];
    await this.open();
  }

  async open(root: string = this.dataRoot): Promise<void> {
    this.records = openRecords(join(root, "escale.db"), { log });
    const blobs = await openBlobs(join(root, "blobs"));
    this.layers = await openLayers({ records: this.records, blobs, dataRoot: root, log });
    this.images = await openImages({
      records: this.records,
      blobs,
      layers: this.layers,
      cacheFolder: join(root, "cache"),
      usedBy: (id) => this.users.filter((user) => user.image === id),
      onEvent: (action, _, { name }) => this.events.push(`${action} ${name}`),
      log,
    });
  }

  async end(): Promise<void> {
    await this.records[Symbol.asyncDispose]();
    rmSync(this.dataRoot, { recursive: true, force: true });
  }

  async load(archive: Buffer, quiet = true): Promise<ProgressMessage[]> {
    const messages: ProgressMessage[] = [];
    const source = Readable.from(pieces(archive, 4096));
    for await (const message of this.images.load(source, { quiet })) messages.push(message);
    return messages;
  }

  /** Layers and blobs on disk, whole or half. */
  leftovers(): string[] {
    return ["layers", "blobs/sha256", "blobs/tmp"].flatMap((folder) => readdirSync(join(this.dataRoot, folder)));
  }

  /** The tags of the images that are listed. */
  async tags(filters: Readonly<Record<string, readonly string[]>> = {}): Promise<string[][]> {
    const list = await this.images.list({ all: false, filters, sharedSize: false });
    return list.map((image) => image.RepoTags);
  }
}
