/**
 * The conformance suite: what every broker promises, as tests. Run it in a test file of your own against any
 * implementation of `Broker` and `Inspector`; the memory and the Redis broker are held to it.
 *
 * Every case runs under TestClock, so the broker under test has to take its time from Effect's Clock. Each case builds
 * the layer anew and expects an empty broker.
 */
import { describe } from "@effect/vitest"
import type * as Layer from "effect/Layer"
import type { Broker } from "../broker/Broker.ts"
import type { Inspector } from "../broker/Inspector.ts"
import { awaitCases } from "./conformance/await.ts"
import { cancelCases } from "./conformance/cancel.ts"
import { claimCases } from "./conformance/claim.ts"
import { drainCases } from "./conformance/drain.ts"
import { enqueueCases } from "./conformance/enqueue.ts"
import { extendCases } from "./conformance/extend.ts"
import { inspectCases } from "./conformance/inspect.ts"
import { makeSuite, type Suite } from "./conformance/Kit.ts"
import { limitCases } from "./conformance/limits.ts"
import { partitionCases } from "./conformance/partitions.ts"
import { pauseCases } from "./conformance/pause.ts"
import { progressCases } from "./conformance/progress.ts"
import { promoteCases } from "./conformance/promote.ts"
import { pruneCases } from "./conformance/prune.ts"
import { removeCases } from "./conformance/remove.ts"
import { repeatCases } from "./conformance/repeat.ts"
import { rescueCases } from "./conformance/rescue.ts"
import { retryCases } from "./conformance/retry.ts"
import { settleCases } from "./conformance/settle.ts"
import { wakeupCases } from "./conformance/wakeups.ts"

/** How the suite is run. */
export interface Options {
  /** How many partitions the queue of each case has. Default 1; beyond it, cases about the whole queue's order are skipped. */
  readonly partitions?: number | undefined
}

const verbs: { readonly [Verb in string]: (suite: Suite) => void } = {
  enqueue: enqueueCases,
  claim: claimCases,
  settle: settleCases,
  extend: extendCases,
  progress: progressCases,
  cancel: cancelCases,
  retry: retryCases,
  promote: promoteCases,
  remove: removeCases,
  pause: pauseCases,
  drain: drainCases,
  rescue: rescueCases,
  prune: pruneCases,
  await: awaitCases,
  inspect: inspectCases,
  wakeups: wakeupCases,
  repeat: repeatCases,
  limits: limitCases,
  partitions: partitionCases
}

/** Registers the whole suite under `name`. `makeLayer` is called once per case and has to give an empty broker. */
export const brokerConformance = <E>(
  name: string,
  makeLayer: () => Layer.Layer<Broker | Inspector, E>,
  options: Options = {}
): void => {
  const suite = makeSuite(makeLayer, options.partitions ?? 1)
  // oxlint-disable-next-line vitest/valid-title -- the caller names the broker
  describe(name, () => {
    for (const [verb, cases] of Object.entries(verbs)) {
      // oxlint-disable-next-line vitest/valid-title -- the names are in the list above
      describe(verb, () => {
        cases(suite)
      })
    }
  })
}
