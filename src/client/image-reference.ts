/** Names of images as people write them: `busybox`, `host:5000/team/app:1.2`, `app@sha256:…`, or an id. */
import { invalid } from "../base/errors.ts";

/** The parts of a name. */
export interface ImageReference {
  /** The name without tag and digest, as people write it. */
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

const component = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const host =
  "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
const pattern = new RegExp(
  `^((?:${host}/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** The registry's part of a name, if it has one: what stands before the first slash and looks like a host. */
function splitHost(text: string): { host: string; path: string } {
  const slash = text.indexOf("/");
  const first = slash === -1 ? "" : text.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first;
  return isHost ? { host: first, path: text.slice(slash + 1) } : { host: "", path: text };
}

/**
 * Reads a name. An id (64 hexadecimal digits, with or without `sha256:`) gives undefined: it can be used but neither
 * pulled nor tagged. Throws an invalid error with Docker's text.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (/^(sha256:)?[a-f0-9]{64}$/.test(text)) return undefined;
  const { host: registry, path } = splitHost(text);
  const remote = path.split(/[:@]/)[0] ?? "";
  if (remote.toLowerCase() !== remote) {
    const shown = registry === "" && !remote.includes("/") ? `library/${remote}` : remote;
    throw invalid(`invalid reference format: repository name (${shown}) must be lowercase`);
  }
  const match = pattern.exec(text);
  if (match === null) throw invalid("invalid reference format");
  const [, whole = "", tag, digest] = match;
  if (whole.length > 255) throw invalid("repository name must not be more than 255 characters");
  const name = registry === "" ? whole.replace(/^library\/(?=[^/]+$)/, "") : whole;
  return { name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The name with the tag that is meant when it has neither tag nor digest. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/** The name as people write it. */
export function imageReferenceText({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}
