/**
 * Image references as Docker reads and shows them: `[domain/]path[:tag][@digest]`. The short form that people write
 * (`busybox`) stands for `docker.io/library/busybox`; the canonical form is what is stored, the familiar one is shown.
 */
import { invalid } from "../../base/errors.ts";

/** A reference in its parts; `domain` and `path` are always there. */
export interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  /** Algorithm and digits. */
  readonly digest?: string;
}

const defaultDomain = "docker.io";
const officialPrefix = "library/";
const longestName = 255;

const label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const host = `(?:${label}(?:\\.${label})*|\\[(?:[a-fA-F0-9:]+)\\])`;
const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const tagPattern = "[\\w][\\w.-]{0,127}";
const digestPattern = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const grammar = new RegExp(
  `^(${host}(?::[0-9]+)?)/(${component}(?:/${component})*)(?::(${tagPattern}))?(?:@(${digestPattern}))?$`,
);
const identifier = /^[a-f0-9]{64}$/;

function splitDomain(name: string): [domain: string, rest: string] {
  const slash = name.indexOf("/");
  if (slash === -1) return [defaultDomain, officialPrefix + name];
  const first = name.slice(0, slash);
  const isHost = first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
  const [domain, rest] = isHost ? [first, name.slice(slash + 1)] : [defaultDomain, name];
  return [domain, domain === defaultDomain && !rest.includes("/") ? officialPrefix + rest : rest];
}

/** Parses a name, short or full. Errors: invalid with Docker's texts. */
export function parseReference(text: string): Reference {
  if (identifier.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [domain, rest] = splitDomain(text);
  const remote = rest.split(":", 1)[0]!;
  if (remote.toLowerCase() !== remote) {
    throw invalid(`invalid reference format: repository name (${remote}) must be lowercase`);
  }
  const match = grammar.exec(`${domain}/${rest}`);
  if (match === null) throw invalid("invalid reference format");
  const [, found, path, tag, digest] = match;
  if (path!.length > longestName) {
    throw invalid(`repository name must not be more than ${longestName} total characters long`);
  }
  if (digest !== undefined && !/^sha256:[a-f0-9]{64}$/.test(digest)) {
    throw invalid(digest.startsWith("sha256:") ? "invalid checksum digest length" : "unsupported digest algorithm");
  }
  return { domain: found!, path: path!, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** A digest where the text is an image id or a digest, else a parsed name. Errors: as {@link parseReference}. */
export function parseAnyReference(text: string): { readonly digest: string } | Reference {
  if (identifier.test(text)) return { digest: `sha256:${text}` };
  if (/^sha256:[a-f0-9]{64}$/.test(text)) return { digest: text };
  return parseReference(text);
}

/** The reference with another tag and no digest. Errors: invalid `invalid tag format`. */
export function withTag(reference: Reference, tag: string): Reference {
  if (!new RegExp(`^${tagPattern}$`).test(tag)) throw invalid("invalid tag format");
  return { domain: reference.domain, path: reference.path, tag };
}

/** The reference, with the tag `latest` if it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? withTag(reference, "latest") : reference;
}

/** The name of the repository in its full form: `docker.io/library/busybox`. */
export function repositoryOf(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** The name of the repository as people write it: `busybox`. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== defaultDomain) return repositoryOf(reference);
  const rest = reference.path.startsWith(officialPrefix) ? reference.path.slice(officialPrefix.length) : undefined;
  return rest !== undefined && !rest.includes("/") ? rest : reference.path;
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The full form: `docker.io/library/busybox:latest`. */
export function canonicalString(reference: Reference): string {
  return repositoryOf(reference) + suffix(reference);
}

/** The form that Docker shows: `busybox:latest`. */
export function familiarString(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/**
 * What `repo` and `tag` of an API request name together; undefined for an empty `repo`. Errors: invalid, also
 * `cannot import digest reference`.
 */
export function taggedReference(repository: string, tag: string): Reference | undefined {
  if (repository === "") return undefined;
  const reference = parseReference(repository);
  if (reference.digest !== undefined) throw invalid("cannot import digest reference");
  return tag === "" ? withDefaultTag(reference) : withTag(reference, tag);
}
