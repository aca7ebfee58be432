/** HTTP over unix sockets and TCP: server, router, streams and connections taken over. Knows no product. */
export type { AnswerStream, Exchange, HeaderList } from "./exchange.ts";
export { type ListenAddress, parseListenAddress } from "./listen.ts";
export { createRouter, type Route, type Router } from "./router.ts";
export { type HttpServer, type HttpServerOptions, openHttpServer } from "./server.ts";
