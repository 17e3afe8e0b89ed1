/**
 * A module of handlers whose set-up fails: its database is away, say.
 */
import { Handlers } from "@sluice/consumer"
import { Data, Effect, Layer } from "effect"
import { Sleep } from "./tasks.ts"

class DatabaseAway extends Data.TaggedError("DatabaseAway")<{ readonly message: string }> {}

const connect = Effect.fail(new DatabaseAway({ message: "the database is away" }))

// eslint-disable-next-line import/no-default-export -- what the program expects of a module of handlers
export default Handlers.make({
  tasks: [Sleep],
  layer: Layer.unwrap(Effect.map(connect, () => Sleep.toLayer(() => Effect.succeed(0))))
})
