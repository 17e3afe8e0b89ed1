/**
 * The public face of the producer: a layer to serve the HTTP API inside an application.
 *
 * The program `sluice-producer` is `bin.ts`; it is not a module to import. Node's server with its limits is a subpath of
 * its own (`@sluice/producer/NodeServer`), so that only who listens with it loads the platform.
 */
export * as Producer from "./Producer.ts"
