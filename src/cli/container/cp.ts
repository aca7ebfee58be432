/** `container cp`. */
import { posix } from "node:path";
import { humanSize } from "../../base/units.ts";
import { type Client, getArchive, putArchive, statContainerPath } from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand } from "../command.ts";
import { boolFlag } from "../flags/flag.ts";
import { packLocal, unpackLocal } from "./cp/local-tar.ts";
import { absoluteOf, lastPart, localSource, localTarget, type Place, splitArgument, targetOf } from "./cp/places.ts";

const isFolderMode = (mode: number): boolean => mode >= 2 ** 31;
const isLinkMode = (mode: number): boolean => Math.floor(mode / 2 ** 27) % 2 === 1;

/** Where a link in a container leads. */
function linkedPath(path: string, linkTarget: string): string {
  return posix.isAbsolute(linkTarget) ? linkTarget : posix.join(posix.dirname(path), linkTarget);
}

async function fromContainer(
  cli: Cli,
  client: Client,
  container: string,
  sourcePath: string,
  target: string,
  followsLink: boolean,
): Promise<number> {
  const place = target === "-" ? undefined : await localTarget(target);
  let path = sourcePath;
  let name: string | undefined;
  if (followsLink) {
    const stat = await statContainerPath(client, container, path).catch(() => undefined);
    if (stat !== undefined && isLinkMode(stat.mode)) {
      name = lastPart(path);
      path = linkedPath(path, stat.linkTarget);
    }
  }
  const { stat, body } = await getArchive(client, container, path);
  let size = 0;
  async function* counted(): AsyncGenerator<Buffer, void, void> {
    for await (const piece of body) {
      size += piece.length;
      yield piece;
    }
  }
  if (place === undefined) {
    for await (const piece of counted()) cli.streams.out.write(piece);
    return size;
  }
  const given = lastPart(path);
  const to = targetOf({ isFolder: isFolderMode(stat.mode), name: name ?? given }, place);
  // The root's members have absolute names, which tar makes relative: its content goes where the root would.
  await unpackLocal(counted(), to.folder, given, to.name);
  return size;
}

/** What is at the target in the container; nothing where the daemon does not say. */
async function containerTarget(client: Client, container: string, path: string): Promise<Place> {
  const stat = await statContainerPath(client, container, path).catch(() => undefined);
  if (stat === undefined) return { path, exists: false, isFolder: false };
  if (!isLinkMode(stat.mode)) return { path, exists: true, isFolder: isFolderMode(stat.mode) };
  const linked = linkedPath(path, stat.linkTarget);
  const behind = await statContainerPath(client, container, linked).catch(() => undefined);
  return { path: linked, exists: behind !== undefined, isFolder: behind !== undefined && isFolderMode(behind.mode) };
}

async function toContainer(
  cli: Cli,
  client: Client,
  source: string,
  container: string,
  targetPath: string,
  options: { followsLink: boolean; copyUIDGID: boolean },
): Promise<number> {
  const target = await containerTarget(client, container, targetPath);
  let size = 0;
  async function* counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
    for await (const piece of pieces) {
      size += piece.length;
      yield piece;
    }
  }
  const put = async (folder: string, archive: AsyncIterable<Buffer>): Promise<void> => {
    await putArchive(client, container, folder, counted(archive), { copyUIDGID: options.copyUIDGID });
  };
  if (source === "-") {
    if (!target.isFolder) {
      throw new CommandFailure(1, `destination "${container}:${target.path}" must be a directory`);
    }
    await put(target.path, cli.streams.in.read());
    return size;
  }
  const from = await localSource(source, options.followsLink);
  const isContent = from.path.endsWith("/.");
  const name = isContent ? "." : posix.basename(absoluteOf(source, process.cwd()).replace(/(?<=.)\/$/, ""));
  const to = targetOf({ isFolder: from.isFolder, name }, target);
  const [folder, member] = isContent
    ? [from.path.slice(0, -2) || "/", "."]
    : [posix.dirname(from.path), posix.basename(from.path)];
  await put(to.folder, packLocal(folder, member === "" ? "." : member, to.name));
  return size;
}

/** `container cp`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tescale cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
  aliases: ["container cp", "cp"],
  flags: {
    archive: boolFlag("Archive mode (copy all uid/gid information)", { short: "a" }),
    "follow-link": boolFlag("Always follow symbol link in SRC_PATH", { short: "L" }),
    quiet: boolFlag(
      "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached",
      { short: "q" },
    ),
  },
  args: { min: 2, max: 2 },
  examples: ["cp web:/etc/nginx .", "cp page.html web:/srv/", "cp web:/var/log - | tar t"],
  run: async (cli, { flags, args }) => {
    const [source = "", target = ""] = args;
    if (source === "") throw new CommandFailure(1, "source can not be empty");
    if (target === "") throw new CommandFailure(1, "destination can not be empty");
    const [from, to] = [splitArgument(source), splitArgument(target)];
    if (from.container !== "" && to.container !== "") {
      throw new CommandFailure(1, "copying between containers is not supported");
    }
    if (from.container === "" && to.container === "") {
      throw new CommandFailure(1, "must specify at least one container source");
    }
    const client = await cli.client();
    const followsLink = flags["follow-link"];
    const isOut = from.container !== "";
    const size = isOut
      ? await fromContainer(cli, client, from.container, from.path, target, followsLink)
      : await toContainer(cli, client, source, to.container, to.path, { followsLink, copyUIDGID: flags.archive });
    if (!flags.quiet && target !== "-" && cli.streams.out.isTerminal) {
      cli.streams.err.write(
        `Successfully copied ${humanSize(size)} to ${isOut ? absoluteOf(target, process.cwd()) : target}\n`,
      );
    }
    return 0;
  },
});
