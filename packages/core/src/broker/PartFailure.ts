/**
 * Why one part of an enqueue was not answered while others were. A call of many jobs travels in parts, by partition and by
 * size, and each part stands alone: `RoutedEnqueue` tells the jobs of a failed one what became of them.
 */
import type { BrokerError, BrokerFull, BrokerRefused, BrokerUnavailable } from "../job/BrokerError.ts"

/** See the module. After `BrokerUnavailable` nobody knows whether the part arrived; the others have changed nothing. */
export type PartFailure = BrokerUnavailable | BrokerFull | BrokerRefused

/** The failure as one of a part; `undefined`: it concerns the queue or the server as a whole. */
export const partFailureOf = ({ reason }: BrokerError): PartFailure | undefined => {
  switch (reason._tag) {
    case "BrokerUnavailable":
    case "BrokerFull":
    case "BrokerRefused":
      return reason
    default:
      return undefined
  }
}
