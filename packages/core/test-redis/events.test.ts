/** The events in Redis are held to the conformance suite: with one partition, and with three. */
import * as RedisBroker from "@sluice/core/RedisBroker"
import { eventsConformance } from "@sluice/core/testing"
import { inject } from "vitest"
import { uniquePrefix } from "../../../tests/support/uniquePrefix.ts"

const layer = () => RedisBroker.layer({ url: inject("redisUrl"), prefix: uniquePrefix(), clock: "caller" })

eventsConformance("Redis broker, its events", layer)
eventsConformance("Redis broker, its events, 3 partitions", layer, { partitions: 3 })
