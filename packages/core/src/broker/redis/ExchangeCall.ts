/**
 * An exchange on the wire: the request as arguments of the script, and its reply read back. Pure; the hot path of
 * consumers, so outcomes alike share a head, tokens are sent once where they agree, and ids come back as one text.
 */
import * as Envelope from "../../job/Envelope.ts"
import type { JobId } from "../../job/JobId.ts"
import * as Verdict from "../../job/Verdict.ts"
import type { ExchangeReply, ExchangeRequest } from "../Broker.ts"
import type { ClaimedJob, Settlement } from "../Lease.ts"
import * as Reply from "./Reply.ts"
import { type Args, begin } from "./Scripts.ts"

/** The verdict of a task that answers nothing: by far the most frequent one, so it is neither sent nor stored. */
export const plainVerdict = Verdict.encode({ _tag: "Completed" })

/** Outcomes with the same tag and time: one group of the script's arguments. */
interface Group {
  readonly tag: string
  readonly ms: number
  readonly ids: Array<string>
  readonly tokens: Array<string>
  /** Verdicts, failures or reasons, as the tag wants them. */
  readonly texts: Array<string>
  /** The failures of `die`. */
  readonly failures: Array<string>
  /** Where each outcome stands in the request. */
  readonly positions: Array<number>
  isOneToken: boolean
}

/** What `encode` made: the arguments, and how to read the positions of the reply. */
export interface Encoded {
  readonly args: Args
  /** Which outcome of the request each outcome on the wire is. */
  readonly positions: ReadonlyArray<number>
}

const wordOf = (text: string): string =>
  /[\s%]/.test(text) ? text.replace(/[\s%]/g, (character) => `%${character.charCodeAt(0).toString(16)};`) : text

/** The name of a lane among those of all consumers; without white space. */
export const laneOf = ({ consumer, lane }: ExchangeRequest): string => wordOf(`${consumer.length}:${consumer}/${lane}`)

/** The token as it is sent: what no lease can have is lost, and must not be taken for anything else on the wire. */
export const tokenOf = (token: string): string => token !== "" && !/\s/.test(token) ? token : "-"

/** The tag of a settlement on the wire. */
const tagOf = (settlement: Settlement): string => {
  switch (settlement._tag) {
    case "complete":
      return settlement.verdict === plainVerdict ? "C" : "c"
    case "cancel":
      return "x"
    case "die":
      return "d"
    case "retry":
      return "r"
    case "snooze":
      return "s"
    case "release":
      return "b"
    case "handBack":
      return "h"
  }
}

const msOf = (settlement: Settlement): number =>
  "keepMs" in settlement
    ? Math.max(0, Math.ceil(settlement.keepMs))
    : "delayMs" in settlement
    ? Math.ceil(settlement.delayMs)
    : 0

const addText = (group: Group, settlement: Settlement): void => {
  if ("verdict" in settlement) {
    if (group.tag !== "C") group.texts.push(settlement.verdict)
    if (settlement._tag === "die") group.failures.push(settlement.failure ?? "")
  } else if (settlement._tag === "retry") group.texts.push(settlement.failure)
  else if (settlement._tag === "handBack") group.texts.push(settlement.why)
}

const isNamedBefore = (settlements: ReadonlyArray<Settlement>, position: number): boolean => {
  const { id, token } = settlements[position]!
  return settlements.slice(0, position).some((other) => other.id === id && other.token === token)
}

/** Groups outcomes alike. A lease that is named twice is left out the second time: only the first one counts. */
const grouped = (settlements: ReadonlyArray<Settlement>): ReadonlyArray<Group> => {
  const groups = new Map<string, Group>()
  const seen = new Set<string>()
  let group: Group | undefined
  for (let position = 0; position < settlements.length; position++) {
    const settlement = settlements[position]!
    if (seen.has(settlement.id) && isNamedBefore(settlements, position)) continue
    seen.add(settlement.id)
    const tag = tagOf(settlement)
    const ms = msOf(settlement)
    if (group === undefined || group.tag !== tag || group.ms !== ms) {
      const key = `${tag}${ms}`
      group = groups.get(key)
      if (group === undefined) {
        group = { tag, ms, ids: [], tokens: [], texts: [], failures: [], positions: [], isOneToken: true }
        groups.set(key, group)
      }
    }
    const token = tokenOf(settlement.token)
    if (group.tokens.length > 0 && group.tokens[0] !== token) group.isOneToken = false
    group.ids.push(settlement.id)
    group.tokens.push(token)
    group.positions.push(position)
    addText(group, settlement)
  }
  return [...groups.values()]
}

/** The request as the script wants it. At most 1,000 settlements; `now` is "" for the server's time. */
export const encode = (base: string, channel: string, now: string, lane: string, request: ExchangeRequest): Encoded => {
  const { claim, consumer, leaseMs, queue, sequence, settle, wake } = request
  const args = begin("exchange", base)
  args.push(now, lane, sequence, consumer, Math.max(0, claim), Math.ceil(leaseMs), channel, wake ? "1" : "")
  args.push(queue.keepCompleted)
  const positions: Array<number> = []
  for (const group of settle.length === 0 ? [] : grouped(settle)) {
    args.push(group.tag, group.ms, group.ids.length, group.isOneToken ? group.tokens[0]! : "")
    for (const id of group.ids) args.push(id)
    if (!group.isOneToken) { for (const token of group.tokens) args.push(token) }
    for (const text of group.texts) args.push(text)
    for (const failure of group.failures) args.push(failure)
    for (const position of group.positions) positions.push(position)
  }
  return { args, positions }
}

/** `count`: how many outcomes the call had that is answered; -1: it is older than the lane's last one. */
const settledOf = (
  request: ExchangeRequest,
  positions: ReadonlyArray<number>,
  count: number,
  lost: string
): Array<"settled" | "lost"> => {
  const all = request.settle.length
  if (count < 0) return new Array<"lost">(all).fill("lost")
  if (count !== positions.length) {
    // a repeat that does not repeat what it said: it is answered what the lane's last call was answered
    const settled = new Array<"settled" | "lost">(count).fill("settled")
    if (lost !== "") { for (const place of lost.split(" ")) settled[Number(place) - 1] = "lost" }
    return settled
  }
  // what was left out of the wire as a repetition is lost whatever became of its first
  const settled = new Array<"settled" | "lost">(all).fill(count === all ? "settled" : "lost")
  if (count < all) { for (const position of positions) settled[position] = "settled" }
  if (lost !== "") { for (const place of lost.split(" ")) settled[positions[Number(place) - 1]!] = "lost" }
  return settled
}

const jobsOf = (
  token: string,
  idsText: string,
  numbersText: string,
  records: ReadonlyArray<Reply.Reply>,
  startedAtMs: number
): Array<ClaimedJob> => {
  if (idsText === "") return []
  const numbers = numbersText === "" ? undefined : numbersText.split(" ")
  return idsText.split("\n").map((id, index) => ({
    // the ids are those that this store wrote
    id: id as JobId,
    token,
    attempt: numbers === undefined ? 1 : Number(numbers[2 * index]),
    handedBack: numbers === undefined ? 0 : Number(numbers[2 * index + 1]),
    startedAtMs,
    job: Envelope.decode(Reply.text(records[index]))
  }))
}

/** The script's reply to an encoded request. */
export const decode = (
  request: ExchangeRequest,
  lane: string,
  positions: ReadonlyArray<number>,
  reply: Reply.Reply
): ExchangeReply => {
  const [count, lost, due, paused, ids, numbers, records, startedAt] = Reply.list(reply)
  const nextDueMs = Reply.number(due)
  return {
    settled: settledOf(request, positions, Reply.number(count), Reply.text(lost)),
    jobs: jobsOf(
      `${lane}.${request.sequence}`,
      Reply.text(ids),
      Reply.text(numbers),
      Reply.list(records),
      Reply.number(startedAt)
    ),
    nextDueMs: nextDueMs < 0 ? undefined : nextDueMs,
    paused: paused === 1
  }
}
