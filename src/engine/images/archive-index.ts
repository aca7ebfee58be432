/** Which images an archive describes: by `manifest.json` as `docker save` writes it, or as an OCI layout. */
import { invalid, messageOf, notFound } from "../../base/errors.ts";
import { parseReference, type Reference } from "../../wire/docker/references.ts";
import type { Descriptor, Index, Manifest, Platform } from "../../wire/oci/image-spec.ts";
import type { ArchiveContent } from "./archive-content.ts";

/** An image in an archive: where its parts are, and what it is called. */
export interface ArchivedImage {
  readonly configName: string;
  readonly layerNames: readonly string[];
  readonly names: readonly Reference[];
}

interface ManifestItem {
  Config: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
}

/** The bytes of a member that is no layer. Errors: not-found as the file system says it. */
export function documentOf(content: ArchiveContent, name: string): Buffer {
  const member = content.find(name);
  if (member === undefined) throw notFound(`open ${name}: no such file or directory`);
  if (member.kind === "failed") throw member.error;
  if (member.kind === "layer") throw invalid(`invalid document ${name}: it is an archive`);
  return member.data;
}

function json(content: ArchiveContent, name: string): unknown {
  const text = documentOf(content, name).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`invalid ${name}: ${messageOf(error)}`, { cause: error });
  }
}

function goType(value: unknown): string {
  return typeof value === "boolean" ? "bool" : typeof value;
}

function tagged(name: string): Reference {
  const reference = parseReference(name);
  if (reference.tag === undefined) throw invalid(`invalid tag ${JSON.stringify(name)}`);
  return reference;
}

function fromManifest(content: ArchiveContent): ArchivedImage[] {
  const items = json(content, "manifest.json");
  if (items === null) return [];
  if (!Array.isArray(items)) {
    throw invalid(`json: cannot unmarshal ${goType(items)} into Go value of type []tarexport.manifestItem`);
  }
  return (items as ManifestItem[]).map((item) => {
    if (typeof item?.Config !== "string") throw invalid("invalid manifest.json: an image has no Config");
    return {
      configName: item.Config,
      layerNames: item.Layers ?? [],
      names: (item.RepoTags ?? []).map(tagged),
    };
  });
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" };

/** How Docker names this machine's processor. */
export const hostArchitecture: string = architectures[process.arch] ?? process.arch;

const blobName = (descriptor: Descriptor): string => `blobs/${descriptor.digest.replace(":", "/")}`;

function isImage(descriptor: Descriptor): boolean {
  return descriptor.annotations?.["vnd.docker.reference.type"] === undefined && descriptor.platform?.os !== "unknown";
}

function fits(platform: Platform | undefined): boolean {
  return platform === undefined || (platform.os === "linux" && platform.architecture === hostArchitecture);
}

function isIndex(descriptor: Descriptor): boolean {
  return /(image\.index|manifest\.list)/.test(descriptor.mediaType);
}

/** The manifest for this machine behind a descriptor of a manifest or of an index of them. */
function resolveManifest(content: ArchiveContent, descriptor: Descriptor): Manifest {
  if (!isIndex(descriptor)) return json(content, blobName(descriptor)) as Manifest;
  return choose(content, (json(content, blobName(descriptor)) as Index).manifests);
}

function choose(content: ArchiveContent, manifests: readonly Descriptor[]): Manifest {
  const candidates = manifests.filter((one) => isImage(one) && fits(one.platform));
  const present = candidates.find((one) => content.find(blobName(one)) !== undefined);
  if (present === undefined) throw notFound(`no image for platform linux/${hostArchitecture} in the archive`);
  return resolveManifest(content, present);
}

function nameOf(descriptor: Descriptor): Reference[] {
  const full = descriptor.annotations?.["io.containerd.image.name"];
  if (full !== undefined) return [tagged(full)];
  const name = descriptor.annotations?.["org.opencontainers.image.ref.name"];
  // A name without a colon is only a tag: of which repository, nobody says.
  return name?.includes(":") ? [tagged(name)] : [];
}

function fromLayout(content: ArchiveContent): ArchivedImage[] {
  const index = json(content, "index.json") as Index;
  if (!Array.isArray(index?.manifests)) throw invalid("invalid index.json: it has no manifests");
  const described = (manifest: Manifest, names: Reference[]): ArchivedImage => {
    if (!Array.isArray(manifest?.layers) || typeof manifest.config?.digest !== "string") {
      throw invalid("invalid manifest: it has no config or layers");
    }
    return { configName: blobName(manifest.config), layerNames: manifest.layers.map(blobName), names };
  };
  const images = index.manifests.filter(isImage);
  const isOneImage = images.length > 1 && images.every((one) => one.platform !== undefined && nameOf(one).length === 0);
  if (isOneImage) return [described(choose(content, images), [])];
  return images.map((one) => described(resolveManifest(content, one), nameOf(one)));
}

/** Errors: invalid or not-found, with Docker's texts where it has them. */
export function imagesIn(content: ArchiveContent): ArchivedImage[] {
  if (content.find("manifest.json") !== undefined) return fromManifest(content);
  if (content.find("index.json") !== undefined) return fromLayout(content);
  throw notFound("open repositories: no such file or directory");
}
