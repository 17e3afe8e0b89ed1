import { assert, describe, it } from "@effect/vitest"
import * as Address from "../../src/handlers/http/Address.ts"
import { AddressRefused, guardedLookup, permits } from "../../src/handlers/http/AddressPolicy.ts"

const isPublic = (text: string): boolean => permits([])(text)

describe("an address that deliveries may go to", () => {
  it.for([
    "1.1.1.1",
    "8.8.8.8",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "::ffff:1.1.1.1",
    "::ffff:101:101",
    "64:ff9b::8.8.8.8"
  ])("%s is public", (text) => assert.isTrue(isPublic(text)))

  it.for([
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200", // Alibaba's metadata
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16", // Azure's host
    "169.254.169.254", // metadata of AWS, GCP, Azure
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192", // Oracle's metadata
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254", // AWS's metadata
    "fe80::1",
    "fec0::1",
    "ff02::1"
  ])("%s is not", (text) => assert.isFalse(isPublic(text)))

  it.for([
    "",
    "localhost",
    "1.1.1",
    "1.1.1.1.1",
    "1.1.1.256",
    "01.1.1.1",
    "0x1.1.1.1",
    "16843009",
    "1.1.1.1 ",
    "::1%lo"
  ])(
    "\"%s\" is no address at all, and so is refused",
    (text) => assert.isFalse(isPublic(text))
  )

  it.for([":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "1:2:3:4:5:6:7::8", "2606::1.1.1"])(
    "\"%s\" is not read",
    (text) => assert.isUndefined(Address.read(text))
  )

  it("is a listed one, too, in whatever notation it comes", () => {
    const allowed = permits(["10.1.0.0/16", "127.0.0.1", "fd12::/16"].map((text) => Address.readNetwork(text)!))
    assert.deepStrictEqual(
      ["10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1", "127.0.0.1", "127.0.0.2", "fd12::7", "fd13::7"].map(allowed),
      [true, true, false, true, false, true, false]
    )
  })

  it.for(["10.0.0.0/33", "fd00::/129", "10.0.0/8", "any", "10.0.0.0/", "/8", "10.0.0.0/8/8"])(
    "\"%s\" is no network",
    (text) => assert.isUndefined(Address.readNetwork(text))
  )
})

describe("the look-up of connections", () => {
  const found = [
    { address: "10.0.0.1", family: 4 },
    { address: "1.1.1.1", family: 4 },
    { address: "fe80::1", family: 6 },
    { address: "2606:4700:4700::1111", family: 6 }
  ]
  const ask = (addresses: typeof found, options: object) =>
    new Promise<unknown>((resolve) => {
      const lookup = guardedLookup(() => Promise.resolve(addresses), permits([]))
      lookup("host.example", options, (error, address) => resolve(error ?? address))
    })

  it("hands out only addresses that are permitted", async () => {
    assert.deepStrictEqual(await ask(found, { all: true }), [found[1], found[3]])
    assert.deepStrictEqual(await ask(found, { all: true, family: 6 }), [found[3]])
    assert.strictEqual(await ask(found, {}), "1.1.1.1")
  })

  it("fails when there is none, and does not tell the addresses", async () => {
    const error = await ask([found[0]!, found[2]!], { all: true })
    assert.instanceOf(error, AddressRefused)
    assert.notInclude(String(error), "10.0.0.1")
    assert.instanceOf(await ask([found[3]!], { family: 4 }), AddressRefused)
  })

  it("passes on that a name can't be resolved", async () => {
    const lookup = guardedLookup(() => Promise.reject(new Error("ENOTFOUND")), permits([]))
    const error = await new Promise((resolve) => lookup("x.example", {}, resolve))
    assert.strictEqual(String(error), "Error: ENOTFOUND")
  })
})
