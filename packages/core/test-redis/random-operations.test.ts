/**
 * Random commands against the memory broker and the Redis broker, compared after each: same answers, same jobs, same
 * counts; with one partition, and with three.
 */
import * as MemoryBroker from "@sluice/core/MemoryBroker"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { randomOperations } from "@sluice/core/testing"
import { inject } from "vitest"
import { uniquePrefix } from "../../../tests/support/uniquePrefix.ts"

const memory = () => MemoryBroker.layer
const redis = () => RedisBroker.layer({ url: inject("redisUrl"), prefix: uniquePrefix(), clock: "caller" })

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

randomOperations("memory and Redis, one partition", memory, redis, { seeds })
randomOperations("memory and Redis, three partitions", memory, redis, { seeds, partitions: 3 })
