/** The client: talks the Docker Engine API, and Escale's additions, to one daemon. Entry point of the noun. */
export { type Client, type ClientResponse, isOlder, openClient } from "./client.ts";
export type { Connection } from "./connection.ts";
export {
  type AttachOptions,
  attachContainer,
  containerLogs,
  createContainer,
  createExec,
  type Filters,
  inspectContainer,
  inspectContainerText,
  killContainer,
  type LogOptions,
  listContainers,
  pauseContainer,
  removeContainer,
  renameContainer,
  resizeContainer,
  restartContainer,
  type StopOptions,
  startContainer,
  stopContainer,
  topContainer,
  unpauseContainer,
  type WaitCondition,
  waitContainer,
} from "./containers.ts";
export {
  type ClientConfig,
  configDirOf,
  contextName,
  type EndpointChoice,
  readConfig,
  resolveEndpoint,
} from "./contexts.ts";
export { defaultAddress, type Endpoint, parseEndpoint } from "./endpoint.ts";
export { attachExec, inspectExec, resizeExec, startExec } from "./execs.ts";
export { type Frame, readFrames } from "./frames.ts";
export { type ImageReference, imageReferenceText, parseImageReference, withDefaultTag } from "./image-reference.ts";
export {
  bootstrapImage,
  type ImportOptions,
  imageHistory,
  importImage,
  inspectImageText,
  listImages,
  loadImages,
  pullImage,
  removeImage,
  saveImages,
  tagImage,
} from "./images.ts";
export { readJsonLines } from "./json-lines.ts";
export { inspectNetworkText, listNetworks } from "./networks.ts";
export { infoText, inspectOtherText, inspectVolumeText, serverVersion, watchEvents } from "./system.ts";
