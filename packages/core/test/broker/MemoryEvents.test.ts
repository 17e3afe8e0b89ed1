import * as MemoryBroker from "../../src/broker/memory/MemoryBroker.ts"
import { eventsConformance } from "../../src/testing/conformance/events.ts"

eventsConformance("MemoryBroker, its events, one partition", () => MemoryBroker.layer)
eventsConformance("MemoryBroker, its events, three partitions", () => MemoryBroker.layer, { partitions: 3 })
