/** Archives for tests: layers and images made of nothing but what a test says. */
import { createHash } from "node:crypto";
import { encodeHeader, type NewEntry, padding } from "../../src/host/tar/index.ts";

/** A member of a tar: by default a file. */
export interface Member extends Partial<Omit<NewEntry, "size">> {
  readonly name: string;
  readonly data?: string | Buffer;
}

/** A tar of these members; `end` false leaves the marker of the end out. */
export function tarOf(members: readonly Member[], end = true): Buffer {
  const blocks: Buffer[] = [];
  for (const { data = "", ...member } of members) {
    const body = Buffer.from(data);
    blocks.push(encodeHeader({ type: "0", ...member, size: body.length }), body, Buffer.alloc(padding(body.length)));
  }
  if (end) blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}

/** In pieces of an odd size, so that borders fall everywhere. */
export async function* pieces(data: Buffer, size = 777): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

/** `sha256:` of data. */
export function sha256(data: string | Buffer): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** What an image archive is made of. */
export interface ImageParts {
  readonly layers: readonly Buffer[];
  readonly tags?: readonly string[];
  /** Over the true ones. */
  readonly diffIds?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The config of such an image, as it is hashed. */
export function configOf(parts: ImageParts): string {
  return JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: parts.diffIds ?? parts.layers.map(sha256) },
    ...parts.config,
  });
}

/** A docker-archive of one image, as old `docker save` lays it out. */
export function imageArchive(parts: ImageParts): Buffer {
  const config = configOf(parts);
  const name = `${sha256(config).slice(7)}.json`;
  const layers = parts.layers.map((data, index) => ({ name: `l${index}/layer.tar`, data }));
  const item = { Config: name, RepoTags: parts.tags ?? null, Layers: layers.map((layer) => layer.name) };
  return tarOf([{ name, data: config }, ...layers, { name: "manifest.json", data: JSON.stringify([item]) }]);
}
