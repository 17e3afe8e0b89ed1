/**
 * BullMQ behind the leanest honest HTTP server: `node:http`, no framework, no routes, no keys, no checks. A body of one
 * job is `queue.add`, an array is `queue.addBulk`; the answer is the id, or the ids, once Redis has the jobs. The program
 * of a process; says where it listens, and ends at SIGTERM.
 */
import { Queue } from "bullmq"
import { createServer, type ServerResponse } from "node:http"

interface Job {
  readonly name: string
  readonly data: unknown
}

const queue = new Queue("bench", {
  connection: { host: "127.0.0.1", port: Number(process.env["BENCH_REDIS_PORT"]) },
  defaultJobOptions: { removeOnComplete: true }
})
await queue.waitUntilReady()

const enqueue = async (text: string): Promise<string> => {
  const body: Job | Array<Job> = JSON.parse(text)
  if (!Array.isArray(body)) return JSON.stringify({ id: (await queue.add(body.name, body.data)).id })
  return JSON.stringify((await queue.addBulk(body)).map(({ id }) => id))
}

const answer = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
  response.end(text)
}

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const text = chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString()
    enqueue(text).then(
      (ids) => answer(response, 201, ids),
      (error: unknown) => answer(response, 500, JSON.stringify({ error: String(error) }))
    )
  })
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
})
process.once("SIGTERM", () => {
  server.close(() => void queue.close().then(() => process.exit(0)))
  server.closeIdleConnections()
})
