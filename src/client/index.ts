/** The client: talks the Docker Engine API, and Escale's additions, to one daemon. Entry point of the noun. */

export { type Client, openClient } from "./client.ts";
export { type Connection, drained } from "./connection.ts";
export {
  commitContainer,
  containerChanges,
  exportContainer,
  getArchive,
  putArchive,
  statContainerPath,
} from "./container-files.ts";
export {
  attachContainer,
  containerLogs,
  containerStats,
  createContainer,
  createExec,
  inspectContainer,
  inspectContainerText,
  killContainer,
  listContainers,
  pauseContainer,
  pruneContainers,
  removeContainer,
  renameContainer,
  resizeContainer,
  restartContainer,
  type StopOptions,
  startContainer,
  stopContainer,
  streamContainerStats,
  topContainer,
  unpauseContainer,
  updateContainer,
  waitContainer,
} from "./containers.ts";
export {
  type ClientConfig,
  configDirOf,
  contextName,
  readConfig,
  resolveEndpoint,
} from "./contexts.ts";
export { attachExec, inspectExec, resizeExec, startExec } from "./execs.ts";
export { readFrames } from "./frames.ts";
export { type ImageReference, imageReferenceText, parseImageReference, withDefaultTag } from "./image-reference.ts";
export {
  bootstrapImage,
  imageHistory,
  importImage,
  inspectImageText,
  listImages,
  loadImages,
  pruneImages,
  pullImage,
  removeImage,
  saveImages,
  tagImage,
} from "./images.ts";
export { readJsonLines } from "./json-lines.ts";
export { inspectNetworkText, listNetworks } from "./networks.ts";
export { diskUsage, infoText, inspectOtherText, inspectVolumeText, serverVersion, watchEvents } from "./system.ts";
