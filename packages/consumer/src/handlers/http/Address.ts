/**
 * IP addresses and networks: read from text, compared, and told whether they are public. Pure.
 *
 * `AddressPolicy` decides by it where a delivery may connect to. An IPv4 address that is wrapped in an IPv6 one (mapped,
 * NAT64) is read as the IPv4 address that a connection to it would reach. What is not surely public is not public.
 */

/** An address: 4 or 16 bytes. */
export type Address = ReadonlyArray<number>

/** All addresses that begin with the same bits. */
export interface Network {
  readonly address: Address
  /** How many bits count: 0 to 32, or 0 to 128. */
  readonly bits: number
}

const readV4 = (text: string): Address | undefined => {
  const parts = text.split(".")
  const bytes = parts.map((part) => /^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256)
  return bytes.length === 4 && bytes.every((byte) => byte < 256) ? bytes : undefined
}

/** The groups of one side of a `::`, as bytes; an IPv4 address may stand for the last two groups. */
const readGroups = (text: string): Address | undefined => {
  if (text === "") return []
  const groups = text.split(":")
  const bytes: Array<number> = []
  for (const [index, group] of groups.entries()) {
    const v4 = index === groups.length - 1 && group.includes(".") ? readV4(group) : undefined
    if (v4 === undefined && !/^[\da-f]{1,4}$/i.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    bytes.push(...(v4 ?? [value >> 8, value & 255]))
  }
  return bytes
}

const readV6 = (text: string): Address | undefined => {
  const sides = text.split("::")
  if (sides.length > 2) return undefined
  const [first, last] = sides.map(readGroups)
  if (first === undefined) return undefined
  if (sides.length === 1) return first.length === 16 ? first : undefined
  const missing = 16 - first.length - (last?.length ?? 16)
  return last === undefined || missing < 2 ? undefined : [...first, ...new Array<number>(missing).fill(0), ...last]
}

/** Whether an address lies in a network; an IPv4 address never lies in an IPv6 network, nor the other way round. */
export const isIn = (address: Address, { address: start, bits }: Network): boolean =>
  address.length === start.length && address.every((byte, index) => {
    const counted = Math.min(8, Math.max(0, bits - 8 * index))
    const mask = (0xff00 >> counted) & 0xff
    return (byte & mask) === (start[index]! & mask)
  })

const network = (text: string): Network => {
  const [start = "", bits] = text.split("/")
  return { address: readV4(start) ?? readV6(start) ?? [], bits: Number(bits) }
}

const wrappers = ["::ffff:0:0/96", "64:ff9b::/96"].map(network)

const unwrapped = (address: Address): Address =>
  wrappers.some((wrapper) => isIn(address, wrapper)) ? address.slice(12) : address

/** Reads an address; `undefined`: it is none. One with a zone (`fe80::1%eth0`) is none: it is never public. */
export const read = (text: string): Address | undefined => {
  const address = text.includes(":") ? readV6(text) : readV4(text)
  return address === undefined ? undefined : unwrapped(address)
}

/** Reads `10.0.0.0/8`, `fd00::/8`, or one address; `undefined`: it is none, or has bits beyond its length. */
export const readNetwork = (text: string): Network | undefined => {
  const [, start = "", digits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  const address = start.includes(":") ? readV6(start) : readV4(start)
  if (address === undefined) return undefined
  const longest = 8 * address.length
  const bits = digits === undefined ? longest : Number(digits)
  return bits > longest ? undefined : { address, bits }
}

// IANA's special-purpose registries, and what clouds put beside them (168.63.129.16 is Azure's host)
const specialV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4"
].map(network)

const globalV6 = network("2000::/3")
// protocol assignments with Teredo, documentation, 6to4, documentation
const specialV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map(network)

/** Whether an address belongs to the public internet: to no private, local, shared, reserved or multicast range. */
export const isPublic = (address: Address): boolean =>
  address.length === 4
    ? !specialV4.some((special) => isIn(address, special))
    : isIn(address, globalV6) && !specialV6.some((special) => isIn(address, special))
