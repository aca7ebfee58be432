import { EscaleError, invalid } from "../../base/errors.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";
import { familiarString, parseReference } from "../../wire/docker/references.ts";
import { busyboxArchive } from "./bootstrap-busybox.ts";
import { debianArchive } from "./bootstrap-debian.ts";
import type { ImageDeps } from "./deps.ts";
import { makeImage } from "./import.ts";
import { parsePlatform } from "./platform.ts";
import { ProgressFeed } from "./progress.ts";

type Tell = (line: string) => void;

interface Recipe {
  readonly tags: readonly string[];
  readonly command: readonly string[];
  make(cacheFolder: string, tell: Tell, signal: AbortSignal): Promise<{ archive: AsyncIterable<Buffer>; time: Date }>;
}

const busybox: Recipe = { tags: ["busybox:latest"], command: ["sh"], make: busyboxArchive };
const debian: Recipe = { tags: ["debian:12", "debian:bookworm"], command: ["bash"], make: debianArchive };

const recipes: Readonly<Record<string, Recipe>> = {
  busybox,
  "busybox:latest": busybox,
  debian,
  "debian:12": debian,
  "debian:bookworm": debian,
  bookworm: debian,
};

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Makes a base image from this machine's own packages and yields what it does. Errors: invalid for a name without a
 * recipe, unavailable for a missing program (the hint names the package), internal when it fails.
 */
export async function* bootstrapImage(
  deps: ImageDeps & { readonly cacheFolder: string },
  name: string,
  options: { signal?: AbortSignal },
): AsyncGenerator<ProgressMessage, void, void> {
  const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  if (recipe === undefined) {
    throw invalid(`cannot make an image named ${JSON.stringify(name)}`, { hint: "it can be busybox or debian:12" });
  }
  const leave = new AbortController();
  const signal = options.signal === undefined ? leave.signal : AbortSignal.any([options.signal, leave.signal]);
  const feed = new ProgressFeed();
  const tell: Tell = (line) => feed.push({ status: line });
  const make = async (): Promise<void> => {
    tell(`Making ${recipe.tags.join(", ")}`);
    const { archive, time } = await recipe.make(deps.cacheFolder, tell, signal);
    tell("Unpacking");
    const id = await makeImage(deps, archive, {
      names: recipe.tags.map(parseReference),
      platform: parsePlatform(""),
      config: { Cmd: [...recipe.command], Env: [path] },
      created: time.toISOString(),
      comment: "Made from the packages of this machine",
      signal,
    });
    for (const tag of recipe.tags) tell(`Made image: ${familiarString(parseReference(tag))} ${id}`);
  };
  let failure: unknown;
  const work = make()
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => feed.end());
  try {
    yield* feed;
  } finally {
    leave.abort();
    await work;
  }
  if (failure !== undefined) {
    if (!(failure instanceof EscaleError)) deps.log.error("making an image failed", { name, error: failure });
    throw failure;
  }
}
