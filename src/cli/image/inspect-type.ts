/** The Go types that templates over an inspected image see. */
import { type GoType, goType, type Schema } from "../template/index.ts";

const schema: Schema = {
  "image.InspectResponse": `ID=Id:string; RepoTags:[]string; RepoDigests:[]string; Parent:string; Comment:string
    Created?:string; Container?:string; ContainerConfig?:*any; DockerVersion:string; Author:string
    Config:*dockerspec.DockerOCIImageConfig; Architecture:string; Variant?:string; Os:string; OsVersion?:string; Size:int64
    VirtualSize?:int64; GraphDriver:storage.DriverData; RootFS:image.RootFS; Metadata:image.Metadata; Descriptor?:*any
    Manifests?:[]any`,
  "dockerspec.DockerOCIImageConfig": `User?:string; ExposedPorts?:map Empty; Env?:[]string; Entrypoint?:[]string
    Cmd?:[]string; Volumes?:map Empty; WorkingDir?:string; Labels?:map string; StopSignal?:string; ArgsEscaped?:bool
    Healthcheck?:*dockerspec.HealthcheckConfig; OnBuild?:[]string; Shell?:[]string`,
  "dockerspec.HealthcheckConfig": `Test?:[]string; Interval?:duration; Timeout?:duration; StartPeriod?:duration
    StartInterval?:duration; Retries?:int`,
  Empty: "",
  "storage.DriverData": "Data:map string; Name:string",
  "image.RootFS": "Type:string; Layers?:[]string",
  "image.Metadata": "LastTagTime?:time",
};

/** The type of an inspected image. */
export const inspectType: GoType = goType(schema, "image.InspectResponse");
