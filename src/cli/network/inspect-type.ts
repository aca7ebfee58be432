/** The Go types that templates over an inspected network see. */
import { type GoType, goType, type Schema } from "../template/index.ts";

const schema: Schema = {
  "network.Inspect": `Name:string; ID=Id:string; Created:time; Scope:string; Driver:string; EnableIPv4:bool
    EnableIPv6:bool; IPAM:network.IPAM; Internal:bool; Attachable:bool; Ingress:bool; ConfigFrom:network.ConfigReference
    ConfigOnly:bool; Containers:map network.EndpointResource; Options:map string; Labels:map string; Peers?:[]network.PeerInfo
    Services?:map any`,
  "network.IPAM": "Driver:string; Options:map string; Config:[]network.IPAMConfig",
  "network.IPAMConfig": "Subnet?:string; IPRange?:string; Gateway?:string; AuxAddress=AuxiliaryAddresses?:map string",
  "network.ConfigReference": "Network:string",
  "network.EndpointResource":
    "Name:string; EndpointID:string; MacAddress:string; IPv4Address:string; IPv6Address:string",
  "network.PeerInfo": "Name:string; IP:string",
};

/** The type of an inspected network. */
export const inspectType: GoType = goType(schema, "network.Inspect");
