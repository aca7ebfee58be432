/** Images: immutable configs over shared layers, and their names. Entry point of the noun. */
export type { ImageAction } from "./deps.ts";
export type { Image, ImageFilters, Images, ImageUsers, ImportOptions } from "./images.ts";
export { matchesLabelFilters } from "./label-filter.ts";
export { type OpenImagesDeps, openImages } from "./open.ts";
export { parseMoment } from "./time-filter.ts";
