import { createHash } from "node:crypto";

const pattern = /^sha256:[0-9a-f]{64}$/;

/** Whether `text` is a digest that Escale stores content under: `sha256:` and 64 lower-case hexadecimal digits. */
export function isDigest(text: string): boolean {
  return pattern.test(text);
}

/** The digest of `data`, as `sha256:…`. */
export function digestOf(data: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** The hexadecimal digits of a digest, without its algorithm. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/**
 * The chain ids of layers given by their uncompressed digests, lowest first: the n-th names the file tree of the first
 * n + 1 layers (https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid).
 */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chain;
}
