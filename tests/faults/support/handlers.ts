/**
 * The module of handlers that the program sluice-consumer runs in the fault tests. Who it is, and where it tells of what it
 * does, is in FAULTS_OWN, which `World` writes.
 */
import { Handlers } from "@sluice/consumer"
import { writer } from "./Journal.ts"
import type { Settings } from "./Settings.ts"
import { Poison, Work } from "./tasks.ts"
import { workOf } from "./work.ts"

// `World` is the only one who writes it
const own = JSON.parse(process.env["FAULTS_OWN"] ?? "{}") as Pick<Settings, "gate" | "journal" | "name">

// eslint-disable-next-line import/no-default-export -- what the program expects of a module of handlers
export default Handlers.make({
  tasks: [Work, Poison],
  layer: workOf({ ...own, does: "as told" }, writer(own.journal, own.name))
})
