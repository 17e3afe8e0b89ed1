/**
 * Imports the modules named in its arguments, one after another, and reports what each one does by being imported.
 * The side-effect test runs it in a process of its own, as a module is evaluated only once per process.
 * It prints JSON: module name -> what was done (a timer, a socket, a read of the environment), by our own code or left
 * behind by anybody. What a dependency reads while it loads is the dependency's business.
 */
import { Socket } from "node:net"

/** @type {Record<string, Array<string>>} */
const report = {}
let current = ""

const isOurs = () => /[\\/]packages[\\/][^\\/]+[\\/](?:src|dist)[\\/]/.test(new Error().stack?.split("\n")[3] ?? "")
const note = (what) => report[current]?.push(what)

for (const timer of ["setTimeout", "setInterval", "setImmediate"]) {
  const original = globalThis[timer]
  globalThis[timer] = (...args) => {
    if (isOurs()) note(timer)
    return original(...args)
  }
}
const connect = Socket.prototype.connect
Socket.prototype.connect = function(...args) {
  note("socket")
  return connect.apply(this, args)
}
process.env = new Proxy(process.env, {
  get: (target, key) => {
    if (isOurs()) note(`process.env.${String(key)}`)
    return Reflect.get(target, key)
  }
})
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write
  stream.write = function(...args) {
    if (current !== "") note("output")
    return write.apply(this, args)
  }
}

const resources = () => process.getActiveResourcesInfo().filter((name) => !/^(?:Pipe|TTY|File|FS)/.test(name))

for (const name of process.argv.slice(2)) {
  const before = resources().length
  current = name
  report[name] = []
  await import(name).catch((error) => note(`does not load: ${error.message}`))
  for (const resource of resources().slice(before)) report[name].push(`left ${resource}`)
}
current = ""
console.log(JSON.stringify(report))
