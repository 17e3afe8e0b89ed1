/**
 * The states of a job and the moves between them: the one place that says what is legal.
 *
 * The memory broker checks each move against `canMove`; the random-operations test holds the Redis broker to the same
 * table. A job is in exactly one state at any time, and in exactly one final state for ever, unless somebody retries it
 * by hand.
 */

/**
 * - `scheduled`: waits for its time (a delay, a snooze, a hand-back); no attempt is being counted.
 * - `blocked`: waits for other jobs or for its key's slot. No operation of this version moves a job here.
 * - `available`: may be claimed now.
 * - `running`: a consumer holds a lease on it.
 * - `retryable`: failed, and waits for its next attempt.
 * - `completed`, `cancelled`, `dead`: final.
 */
export type JobState = Live | Final
/** The states of a job that has not ended. */
export type Live = "scheduled" | "blocked" | "available" | "running" | "retryable"
/** The states in which a job has ended. */
export type Final = "completed" | "cancelled" | "dead"

/** Every state, in the order in which people read them. */
export const all: ReadonlyArray<JobState> = [
  "scheduled",
  "blocked",
  "available",
  "running",
  "retryable",
  "completed",
  "cancelled",
  "dead"
]

/** The final states. */
export const finals: ReadonlyArray<Final> = ["completed", "cancelled", "dead"]

/** Whether a job in this state has ended. */
export const isFinal = (state: JobState): state is Final =>
  state === "completed" || state === "cancelled" || state === "dead"

const moves: { readonly [State in JobState]: ReadonlyArray<JobState> } = {
  scheduled: ["available", "cancelled"],
  blocked: ["available", "cancelled"],
  available: ["running", "cancelled"],
  // available: released; scheduled: snoozed or handed back; retryable: failed or rescued
  running: ["completed", "retryable", "scheduled", "available", "cancelled", "dead"],
  retryable: ["available", "cancelled"],
  // by hand only: retry
  completed: [],
  cancelled: ["available"],
  dead: ["available"]
}

/** Whether a job may go from one state to another. Leaving altogether (remove, prune, drain) is not a move. */
export const canMove = (from: JobState, to: JobState): boolean => moves[from].includes(to)

/** The states that a state may go to. */
export const nextOf = (from: JobState): ReadonlyArray<JobState> => moves[from]
