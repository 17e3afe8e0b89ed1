import * as MemoryBroker from "../../src/broker/memory/MemoryBroker.ts"
import { brokerConformance } from "../../src/testing/BrokerConformance.ts"

brokerConformance("MemoryBroker, one partition", () => MemoryBroker.layer)
brokerConformance("MemoryBroker, three partitions", () => MemoryBroker.layer, { partitions: 3 })
