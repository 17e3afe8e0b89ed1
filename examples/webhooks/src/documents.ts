/**
 * What we read out of GitHub's payloads: a schema per kind of event, over the fields that somebody cares about.
 *
 * The real documents have a hundred fields more. Decoding with these keeps what is named here and drops the rest, which
 * is why the text that is delivered travels beside it (see tasks.ts).
 */
import { Schema } from "effect"

const Repository = Schema.Struct({ full_name: Schema.String })

/** Commits, or a tag, were pushed. */
export const Push = Schema.Struct({
  ref: Schema.String,
  commits: Schema.Array(Schema.Struct({ message: Schema.String })),
  repository: Repository
})

/** Something happened to an issue. */
export const Issues = Schema.Struct({
  action: Schema.String,
  issue: Schema.Struct({ number: Schema.Int, title: Schema.String }),
  repository: Repository
})

/** Something happened to a pull request. */
export const PullRequest = Schema.Struct({
  action: Schema.String,
  pull_request: Schema.Struct({ number: Schema.Int, title: Schema.String, draft: Schema.Boolean }),
  repository: Repository
})

/** Something happened to a release. */
export const Release = Schema.Struct({
  action: Schema.String,
  release: Schema.Struct({ tag_name: Schema.String, prerelease: Schema.Boolean }),
  repository: Repository
})

/** A star was given or taken back. */
export const Star = Schema.Struct({
  action: Schema.Literals(["created", "deleted"]),
  sender: Schema.Struct({ login: Schema.String }),
  repository: Repository
})

/** A webhook was set up: GitHub tries it out. */
export const Ping = Schema.Struct({
  zen: Schema.String,
  hook_id: Schema.Int
})
