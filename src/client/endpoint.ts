/** Where a daemon is: read from options, the environment and Docker's contexts. */
import { invalid, unsupported } from "../base/errors.ts";

/** Where a daemon listens. `address` is how people write it. */
export type Endpoint =
  | { readonly kind: "unix"; readonly address: string; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly address: string;
      readonly host: string;
      readonly port: number;
      /** What goes into the Host header. */
      readonly authority: string;
      /** What every path begins with, for a daemon behind a proxy. */
      readonly prefix: string;
    };

/** Where Escale's own daemon listens unless told otherwise. */
export const defaultAddress = "unix:///run/escale/escale.sock";

/** Reads `unix://PATH`, `tcp://HOST[:PORT]`, `http://…` or a bare `HOST[:PORT]`. */
export function parseEndpoint(text: string): Endpoint {
  const address = text.trim() === "" ? defaultAddress : text.trim();
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/s.exec(address) ?? [];
  switch (scheme) {
    case "unix":
      return rest === "" ? parseEndpoint(defaultAddress) : { kind: "unix", address: `unix://${rest}`, path: rest };
    case "tcp":
    case "http":
      return parseTcp(address, scheme, rest);
    case "ssh":
    case "https":
      throw unsupported(`connecting to ${address}: ${scheme} is not built yet; use unix:// or tcp://`);
    default:
      throw invalid(`invalid bind address format: ${address}`);
  }
}

function parseTcp(address: string, scheme: string, rest: string): Endpoint {
  const slash = rest.indexOf("/");
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const prefix = slash === -1 ? "" : rest.slice(slash).replace(/\/+$/, "");
  const [, bracketed, plain = "", portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(authority) ?? [];
  const host = (bracketed ?? plain) || "localhost";
  const port = Number(portText || (scheme === "http" ? 80 : 2375));
  if ((bracketed === undefined && plain === "" && portText === undefined && authority !== "") || port > 65535) {
    throw invalid(`invalid bind address format: ${address}`);
  }
  const name = host.includes(":") ? `[${host}]` : host;
  const canonical = `tcp://${name}:${port}${prefix}`;
  return { kind: "tcp", address: canonical, host, port, authority: `${name}:${port}`, prefix };
}
