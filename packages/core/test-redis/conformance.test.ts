/**
 * The Redis broker is held to the conformance suite: with one partition, and with three.
 */
import { brokerConformance } from "@sluice/core/testing"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { inject } from "vitest"
import { uniquePrefix } from "../../../tests/support/uniquePrefix.ts"

const layer = () => RedisBroker.layer({ url: inject("redisUrl"), prefix: uniquePrefix(), clock: "caller" })

brokerConformance("Redis broker", layer)
brokerConformance("Redis broker, 3 partitions", layer, { partitions: 3 })
