/**
 * Where deliveries may connect to: public addresses, and the networks that the operator lists. Also the look-up that holds
 * connections to it.
 *
 * A name is resolved once per connection, its addresses are checked, and the connection goes to one of those that passed:
 * an answer that changes between the check and the connection (DNS rebinding) changes nothing.
 */
import type { LookupAddress } from "node:dns"
import * as dns from "node:dns"
import type { LookupFunction } from "node:net"
import * as Address from "./Address.ts"

/** All addresses of a host name. `Resolver` of Node by default; tests give their own. */
export type Resolve = (host: string) => Promise<ReadonlyArray<LookupAddress>>

/** The system's resolver: what every other program on this machine uses, /etc/hosts included. */
export const systemResolve: Resolve = (host) => dns.promises.lookup(host, { all: true, order: "verbatim" })

/**
 * Says whether an address may be connected to. Text that is no address may not. `networks` are allowed although they are
 * not public.
 */
export const permits = (networks: ReadonlyArray<Address.Network>) => (text: string): boolean => {
  const address = Address.read(text)
  return address !== undefined &&
    (Address.isPublic(address) || networks.some((listed) => Address.isIn(address, listed)))
}

/** No address of a host may be connected to. The addresses themselves stay out of the message: it goes into the job. */
export class AddressRefused extends Error {
  readonly code = "SLUICE_ADDRESS_REFUSED"
  constructor(host: string) {
    super(`${host} has no address that deliveries may go to: it is private, local or reserved`)
  }
}

/** The look-up for sockets: resolves, and hands out only addresses that are permitted. */
export const guardedLookup =
  (resolve: Resolve, isPermitted: (address: string) => boolean): LookupFunction => (hostname, options, callback) => {
    const answer = (found: ReadonlyArray<LookupAddress>) => {
      const family = options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : options.family ?? 0
      const passed = found.filter((one) => isPermitted(one.address) && (family === 0 || one.family === family))
      const [first] = passed
      if (first === undefined) return callback(new AddressRefused(hostname), "")
      if (options.all === true) return callback(null, [...passed])
      callback(null, first.address, first.family)
    }
    resolve(hostname).then(answer, (error: unknown) => {
      callback(error instanceof Error ? error : new Error(String(error)), "")
    })
  }
