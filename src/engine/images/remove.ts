import { chainIds } from "../../base/digests.ts";
import { conflict, type EscaleError } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import type { ImageDeleteItem } from "../../wire/docker/images.ts";
import {
  familiarString,
  parseReference,
  type Reference,
  repositoryOf,
  withDefaultTag,
} from "../../wire/docker/references.ts";
import type { CatalogImage } from "./catalog.ts";
import type { ImageDeps } from "./deps.ts";
import { findImage } from "./resolve.ts";

/** How to remove. */
export interface RemoveOptions {
  readonly force: boolean;
  /** Also parents that have no name and no other child. */
  readonly prune: boolean;
}

/** What stands against deleting an image. A hard reason holds against force too. */
interface Obstacle {
  readonly isHard: boolean;
  readonly isUse: boolean;
  readonly reason: string;
}

type Question = "children" | "running" | "names" | "stopped";

const hard: readonly Question[] = ["children", "running"];

function obstacle(deps: ImageDeps, id: string, questions: readonly Question[]): Obstacle | undefined {
  const users = deps.usedBy(id);
  const running = users.find((user) => user.running);
  const stopped = users.find((user) => !user.running);
  if (questions.includes("children") && deps.catalog.children(id).length > 0) {
    return { isHard: true, isUse: false, reason: "image has dependent child images" };
  }
  if (questions.includes("running") && running !== undefined) {
    return { isHard: true, isUse: true, reason: `image is being used by running container ${shortId(running.id)}` };
  }
  if (questions.includes("names") && deps.catalog.names(id).length > 0) {
    return { isHard: false, isUse: false, reason: "image is referenced in multiple repositories" };
  }
  if (questions.includes("stopped") && stopped !== undefined) {
    return { isHard: false, isUse: true, reason: `image is being used by stopped container ${shortId(stopped.id)}` };
  }
  return undefined;
}

function refusal(id: string, { isHard, reason }: Obstacle): EscaleError {
  const force = isHard ? "cannot be forced" : "must be forced";
  return conflict(`conflict: unable to delete ${shortId(id)} (${force}) - ${reason}`);
}

/** Whether all names of an image are one: at most one tag, and digests of the same repository. */
function isSingle(names: readonly Reference[]): boolean {
  if (names.length <= 1) return true;
  const tags = names.filter((name) => name.digest === undefined);
  const repositories = new Set(names.map(repositoryOf));
  return tags.length <= 1 && repositories.size === 1;
}

/** Whether what was given is (the start of) the image's id, not a name. */
function isIdOf(image: CatalogImage, text: string): boolean {
  return image.id.startsWith(text) || image.id.startsWith(`sha256:${text}`);
}

function untag(deps: ImageDeps, image: CatalogImage, names: readonly Reference[], answer: ImageDeleteItem[]): void {
  deps.catalog.untag(names);
  for (const name of names) {
    deps.onEvent("untag", image.id, deps.attributes(image, image.id));
    answer.push({ Untagged: familiarString(name) });
  }
}

/** Chains of layers that something still has: images, and snapshots, which outlive their image. */
function chainsInUse(deps: ImageDeps): Set<string> {
  const chains = new Set<string>();
  for (const { layers } of deps.layers.owners()) {
    for (const chain of chainIds(layers.map((id) => deps.layers.get(id)?.diffId ?? ""))) chains.add(chain);
  }
  return chains;
}

function deleteImage(
  deps: ImageDeps,
  image: CatalogImage,
  options: RemoveOptions & { isQuiet: boolean },
  answer: ImageDeleteItem[],
): void {
  const inTheWay = obstacle(deps, image.id, options.force ? hard : [...hard, "names", "stopped"]);
  if (inTheWay !== undefined) {
    const isKept = options.isQuiet && (deps.catalog.names(image.id).length > 0 || inTheWay.isUse);
    if (isKept) return;
    throw refusal(image.id, inTheWay);
  }
  untag(deps, image, deps.catalog.names(image.id), answer);
  deps.catalog.delete(image.id);
  deps.onEvent("delete", image.id, deps.attributes(image, image.id));
  answer.push({ Deleted: image.id });
  const inUse = chainsInUse(deps);
  for (const chain of chainIds(image.config.rootfs.diff_ids ?? []).reverse()) {
    if (inUse.has(chain)) break;
    answer.push({ Deleted: chain });
  }
  const parent = image.parent === undefined ? undefined : deps.catalog.get(image.parent);
  if (options.prune && parent !== undefined) {
    deleteImage(deps, parent, { force: false, prune: true, isQuiet: true }, answer);
  }
}

/** Removes the names of `image` that go when `text` is removed; tells whether the image itself is to go too. */
function removeNames(
  deps: ImageDeps,
  image: CatalogImage,
  text: string,
  force: boolean,
  answer: ImageDeleteItem[],
): boolean {
  const names = deps.catalog.names(image.id);
  if (isIdOf(image, text)) {
    if (!isSingle(names)) return true;
    const inTheWay = obstacle(deps, image.id, force ? hard : [...hard, "stopped"]);
    if (inTheWay !== undefined) throw refusal(image.id, inTheWay);
    untag(deps, image, names, answer);
    return true;
  }
  const user = deps.usedBy(image.id)[0];
  if (!force && user !== undefined && isSingle(names)) {
    const [container, of] = [shortId(user.id), shortId(image.id)];
    throw conflict(
      `conflict: unable to remove repository reference ${JSON.stringify(text)} (must force) - container ${container} is using its referenced image ${of}`,
    );
  }
  const given = withDefaultTag(parseReference(text));
  const { domain, path, digest } = given;
  const name: Reference = digest === undefined ? given : { domain, path, digest };
  untag(deps, image, [name], answer);
  const left = deps.catalog.names(image.id).filter((other) => repositoryOf(other) === repositoryOf(name));
  const isOnlyDigests = left.every((other) => other.digest !== undefined);
  if (name.digest === undefined && isOnlyDigests) untag(deps, image, left, answer);
  return deps.catalog.names(image.id).length === 0;
}

/** Untags, and deletes what has no name left, as Docker does. Errors: not-found, invalid, conflict with Docker's texts. */
export async function removeImage(deps: ImageDeps, text: string, options: RemoveOptions): Promise<ImageDeleteItem[]> {
  const image = findImage(deps.catalog, text);
  const answer: ImageDeleteItem[] = [];
  if (!removeNames(deps, image, text, options.force, answer)) return answer;
  // When its last name is forced away from a running container the image stays, nameless, as Docker leaves it.
  deleteImage(deps, image, { ...options, isQuiet: !isIdOf(image, text) }, answer);
  await deps.layers.collect();
  return answer;
}
