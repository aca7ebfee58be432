/** Every command by name, with what help says of it and where it is; loading one costs nothing for the others. */
import type { AnyCommand } from "./command.ts";

/** A name after the program's name: a command, a group of commands, or a command that is still to come. */
export interface Entry {
  readonly name: string;
  /** Other names for the same, within the same group. */
  readonly otherNames?: readonly string[];
  readonly summary: string;
  /** Loads the command. Absent for groups and for what is not built. */
  readonly load?: () => Promise<{ readonly command: AnyCommand }>;
  readonly children?: readonly Entry[];
  /** Its place among the common commands of the first help page. */
  readonly rank?: number;
  readonly isSwarm?: boolean;
}

const inspectLoader = () => import("./system/inspect.ts");

const containerEntries: readonly Entry[] = [
  {
    name: "attach",
    summary: "Attach local standard input, output, and error streams to a running container",
    load: () => import("./container/attach.ts"),
  },
  {
    name: "commit",
    summary: "Create a new image from a container's changes",
    load: () => import("./container/commit.ts"),
  },
  {
    name: "cp",
    summary: "Copy files/folders between a container and the local filesystem",
    load: () => import("./container/cp.ts"),
  },
  { name: "create", summary: "Create a new container", load: () => import("./container/create.ts") },
  {
    name: "diff",
    summary: "Inspect changes to files or directories on a container's filesystem",
    load: () => import("./container/diff.ts"),
  },
  {
    name: "exec",
    summary: "Execute a command in a running container",
    load: () => import("./container/exec.ts"),
    rank: 2,
  },
  {
    name: "export",
    summary: "Export a container's filesystem as a tar archive",
    load: () => import("./container/export.ts"),
  },
  { name: "kill", summary: "Kill one or more running containers", load: () => import("./container/kill.ts") },
  { name: "logs", summary: "Fetch the logs of a container", load: () => import("./container/logs.ts") },
  {
    name: "pause",
    summary: "Pause all processes within one or more containers",
    load: () => import("./container/pause.ts"),
  },
  {
    name: "port",
    summary: "List port mappings or a specific mapping for the container",
    load: () => import("./container/port.ts"),
  },
  { name: "rename", summary: "Rename a container", load: () => import("./container/rename.ts") },
  { name: "restart", summary: "Restart one or more containers", load: () => import("./container/restart.ts") },
  {
    name: "run",
    summary: "Create and run a new container from an image",
    load: () => import("./container/run.ts"),
    rank: 1,
  },
  { name: "start", summary: "Start one or more stopped containers", load: () => import("./container/start.ts") },
  {
    name: "stats",
    summary: "Display a live stream of container(s) resource usage statistics",
    load: () => import("./container/stats.ts"),
  },
  { name: "stop", summary: "Stop one or more running containers", load: () => import("./container/stop.ts") },
  { name: "top", summary: "Display the running processes of a container", load: () => import("./container/top.ts") },
  {
    name: "unpause",
    summary: "Unpause all processes within one or more containers",
    load: () => import("./container/unpause.ts"),
  },
  {
    name: "update",
    summary: "Update configuration of one or more containers",
    load: () => import("./container/update.ts"),
  },
  {
    name: "wait",
    summary: "Block until one or more containers stop, then print their exit codes",
    load: () => import("./container/wait.ts"),
  },
];

const removeContainers: Entry = {
  name: "rm",
  summary: "Remove one or more containers",
  load: () => import("./container/rm.ts"),
};
const listContainers: Entry = {
  name: "ps",
  summary: "List containers",
  load: () => import("./container/ls.ts"),
  rank: 3,
};

const history: Entry = {
  name: "history",
  summary: "Show the history of an image",
  load: () => import("./image/history.ts"),
};
const importImage: Entry = {
  name: "import",
  summary: "Import the contents from a tarball to create a filesystem image",
  load: () => import("./image/import.ts"),
};
const loadImages: Entry = {
  name: "load",
  summary: "Load an image from a tar archive or STDIN",
  load: () => import("./image/load.ts"),
};
const saveImages: Entry = {
  name: "save",
  summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
  load: () => import("./image/save.ts"),
};
const tagImage: Entry = {
  name: "tag",
  summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
  load: () => import("./image/tag.ts"),
};
const removeImages: Entry = {
  name: "rmi",
  summary: "Remove one or more images",
  load: () => import("./image/rm.ts"),
};
const listImages: Entry = { name: "images", summary: "List images", load: () => import("./image/ls.ts"), rank: 7 };
const build: Entry = { name: "build", summary: "Build an image from a Dockerfile", rank: 4 };
const pull: Entry = { name: "pull", summary: "Download an image from a registry", rank: 5 };
const push: Entry = { name: "push", summary: "Upload an image to a registry", rank: 6 };
const events: Entry = {
  name: "events",
  summary: "Get real time events from the server",
  load: () => import("./system/events.ts"),
};
const info: Entry = {
  name: "info",
  summary: "Display system-wide information",
  load: () => import("./system/info.ts"),
  rank: 12,
};

function group(name: string, summary: string, children: readonly Entry[]): Entry {
  return { name, summary, children: [...children].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function unbuilt(...rows: readonly (readonly [string, string])[]): Entry[] {
  return rows.map(([name, summary]) => ({ name, summary }));
}

const groups: readonly Entry[] = [
  group("builder", "Manage builds", unbuilt(["build", build.summary], ["prune", "Remove build cache"])),
  group("container", "Manage containers", [
    ...containerEntries,
    { name: "prune", summary: "Remove all stopped containers", load: () => import("./container/prune.ts") },
    {
      name: "inspect",
      summary: "Display detailed information on one or more containers",
      load: () => import("./container/inspect.ts"),
    },
    { ...removeContainers, otherNames: ["remove"] },
    { ...listContainers, name: "ls", otherNames: ["list", "ps"] },
  ]),
  group(
    "context",
    "Manage contexts",
    unbuilt(
      ["create", "Create a context"],
      ["export", "Export a context to a tar archive FILE or a tar stream on STDOUT."],
      ["import", "Import a context from a tar or zip file"],
      ["inspect", "Display detailed information on one or more contexts"],
      ["ls", "List contexts"],
      ["rm", "Remove one or more contexts"],
      ["show", "Print the name of the current context"],
      ["update", "Update a context"],
      ["use", "Set the current docker context"],
    ),
  ),
  group("image", "Manage images", [
    {
      name: "bootstrap",
      summary: "Make a base image from the machine's own packages",
      load: () => import("./image/bootstrap.ts"),
    },
    build,
    history,
    importImage,
    {
      name: "inspect",
      summary: "Display detailed information on one or more images",
      load: () => import("./image/inspect.ts"),
    },
    loadImages,
    { ...listImages, name: "ls", otherNames: ["list"] },
    { name: "prune", summary: "Remove unused images", load: () => import("./image/prune.ts") },
    pull,
    push,
    { ...removeImages, name: "rm", otherNames: ["remove"] },
    saveImages,
    tagImage,
  ]),
  group(
    "manifest",
    "Manage Docker image manifests and manifest lists",
    unbuilt(
      ["annotate", "Add additional information to a local image manifest"],
      ["create", "Create a local manifest list for annotating and pushing to a registry"],
      ["inspect", "Display an image manifest, or manifest list"],
      ["push", "Push a manifest list to a repository"],
      ["rm", "Delete one or more manifest lists from local storage"],
    ),
  ),
  group("network", "Manage networks", [
    ...unbuilt(
      ["connect", "Connect a container to a network"],
      ["create", "Create a network"],
      ["disconnect", "Disconnect a container from a network"],
      ["prune", "Remove all unused networks"],
      ["rm", "Remove one or more networks"],
    ),
    {
      name: "inspect",
      summary: "Display detailed information on one or more networks",
      load: () => import("./network/inspect.ts"),
    },
    { name: "ls", otherNames: ["list"], summary: "List networks", load: () => import("./network/ls.ts") },
  ]),
  group(
    "plugin",
    "Manage plugins",
    unbuilt(
      [
        "create",
        "Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory.",
      ],
      ["disable", "Disable a plugin"],
      ["enable", "Enable a plugin"],
      ["inspect", "Display detailed information on one or more plugins"],
      ["install", "Install a plugin"],
      ["ls", "List plugins"],
      ["push", "Push a plugin to a registry"],
      ["rm", "Remove one or more plugins"],
      ["set", "Change settings for a plugin"],
      ["upgrade", "Upgrade an existing plugin"],
    ),
  ),
  {
    ...group(
      "swarm",
      "Manage Swarm",
      unbuilt(["init", "Initialize a swarm"], ["join", "Join a swarm as a node and/or manager"]),
    ),
    isSwarm: true,
  },
  group("system", "Manage Docker", [
    { name: "df", summary: "Show docker disk usage", load: () => import("./system/df.ts") },
    ...unbuilt(["prune", "Remove unused data"]),
    events,
    info,
  ]),
  group(
    "trust",
    "Manage trust on Docker images",
    unbuilt(
      ["inspect", "Return low-level information about keys and signatures"],
      ["revoke", "Remove trust for an image"],
      ["sign", "Sign an image"],
    ),
  ),
  group(
    "volume",
    "Manage volumes",
    unbuilt(
      ["create", "Create a volume"],
      ["inspect", "Display detailed information on one or more volumes"],
      ["ls", "List volumes"],
      ["prune", "Remove unused local volumes"],
      ["rm", "Remove one or more volumes"],
    ),
  ),
];

const atTop: readonly Entry[] = [
  ...containerEntries,
  removeContainers,
  listContainers,
  build,
  pull,
  push,
  listImages,
  ...(
    [
      ["login", "Authenticate to a registry", 8],
      ["logout", "Log out from a registry", 9],
      ["search", "Search Docker Hub for images", 10],
    ] as const
  ).map(([name, summary, rank]) => ({ name, summary, rank })),
  {
    name: "version",
    summary: "Show the Docker version information",
    load: () => import("./system/version.ts"),
    rank: 11,
  },
  info,
  events,
  history,
  importImage,
  { name: "inspect", summary: "Return low-level information on Docker objects", load: inspectLoader },
  loadImages,
  removeImages,
  saveImages,
  tagImage,
];

/** The commands and groups right after the program's name, in the order of their names. */
export const commands: readonly Entry[] = [...groups, ...atTop].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Groups of which the first help page says nothing because they need a swarm; none of them is built. */
export const hiddenGroups: readonly string[] = ["config", "node", "secret", "service", "stack", "checkpoint"];
