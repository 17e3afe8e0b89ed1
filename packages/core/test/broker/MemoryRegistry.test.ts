import * as MemoryBroker from "../../src/broker/memory/MemoryBroker.ts"
import { registryConformance } from "../../src/testing/conformance/registry.ts"

registryConformance("MemoryBroker, its registry", () => MemoryBroker.layer)
