/** Images for tests, made on the fly: file systems of busybox, and archives in the forms that `docker load` reads. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type TarEntry, tarOf } from "./tar.ts";

const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");

/** The files of a small system: busybox with all its commands, users root and nobody. */
export function busyboxFiles(): TarEntry[] {
  const program = "/bin/busybox";
  const commands = spawnSync(program, ["--list"], { encoding: "utf8" }).stdout.trim().split("\n");
  return [
    ...["bin", "etc", "dev", "proc", "sys", "root", "var"].map((name) => ({
      name: `${name}/`,
      type: "directory" as const,
    })),
    { name: "tmp/", type: "directory", mode: 0o1777 },
    { name: "bin/busybox", data: readFileSync(program), mode: 0o755 },
    ...commands
      .filter((name) => name !== "busybox")
      .map((name) => ({ name: `bin/${name}`, type: "symlink" as const, target: "busybox" })),
    { name: "etc/passwd", data: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" },
    { name: "etc/group", data: "root:x:0:\nnogroup:x:65534:\n" },
  ];
}

/** A program of the host and the libraries that it is linked with, for what busybox lacks. */
export function hostProgram(path: string): TarEntry[] {
  const { stdout } = spawnSync("ldd", [path], { encoding: "utf8" });
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
  return [path, ...libraries].map((file) => ({ name: file.slice(1), data: readFileSync(file), mode: 0o755 }));
}

/** What an archive of one image holds. */
export interface ArchiveOptions {
  /** `name:tag` of the image. */
  readonly tag: string;
  /** Uncompressed tars, lowest first. */
  readonly layers: readonly Buffer[];
  /** The `config` object of the image: Cmd, Env… */
  readonly config?: Readonly<Record<string, unknown>>;
}

function imageConfig({ layers, config = {} }: ArchiveOptions): string {
  return JSON.stringify({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    created: "2024-01-02T03:04:05Z",
    config,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    history: layers.map((_, index) => ({ created: "2024-01-02T03:04:05Z", created_by: `layer ${index}` })),
  });
}

function dockerManifest(options: ArchiveOptions): object {
  const path = (data: Buffer | string): string => `blobs/sha256/${sha256(data)}`;
  return { Config: path(imageConfig(options)), RepoTags: [options.tag], Layers: options.layers.map(path) };
}

/** An archive as `docker save` wrote it before OCI layouts. */
export function dockerArchive(options: ArchiveOptions): Buffer {
  const config = imageConfig(options);
  const configName = `${sha256(config)}.json`;
  const names = options.layers.map((_, index) => `layer${index}/layer.tar`);
  return tarOf([
    { name: configName, data: config },
    ...options.layers.map((data, index) => ({ name: names[index] ?? "", data })),
    { name: "manifest.json", data: JSON.stringify([{ Config: configName, RepoTags: [options.tag], Layers: names }]) },
  ]);
}

/**
 * The same image as an OCI layout in a tar; with `isBoth`, as `docker save` writes it today: the layout and Docker's own
 * manifest over the same blobs.
 */
export function ociArchive(options: ArchiveOptions, { isBoth = false }: { isBoth?: boolean } = {}): Buffer {
  const blobs = new Map<string, Buffer>();
  const blob = (mediaType: string, data: Buffer): { mediaType: string; digest: string; size: number } => {
    blobs.set(sha256(data), data);
    return { mediaType, digest: `sha256:${sha256(data)}`, size: data.length };
  };
  const prefix = "application/vnd.oci.image";
  const manifest = blob(
    `${prefix}.manifest.v1+json`,
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${prefix}.manifest.v1+json`,
        config: blob(`${prefix}.config.v1+json`, Buffer.from(imageConfig(options))),
        layers: options.layers.map((layer) => blob(`${prefix}.layer.v1.tar`, layer)),
      }),
    ),
  );
  const [, tag = "latest"] = options.tag.split(":");
  const annotations = {
    "io.containerd.image.name": `docker.io/library/${options.tag}`,
    "org.opencontainers.image.ref.name": tag,
  };
  const index = { schemaVersion: 2, mediaType: `${prefix}.index.v1+json`, manifests: [{ ...manifest, annotations }] };
  return tarOf([
    { name: "oci-layout", data: '{"imageLayoutVersion":"1.0.0"}' },
    { name: "index.json", data: JSON.stringify(index) },
    { name: "blobs/", type: "directory" },
    { name: "blobs/sha256/", type: "directory" },
    ...(isBoth ? [{ name: "manifest.json", data: JSON.stringify([dockerManifest(options)]) }] : []),
    ...[...blobs].map(([digest, data]) => ({ name: `blobs/sha256/${digest}`, data })),
  ]);
}
