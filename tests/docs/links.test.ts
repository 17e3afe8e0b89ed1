import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "vitest"
import { root } from "./fences.ts"

const pages = globSync(["*.md", "docs/**/*.md", "packages/*/README.md"], { cwd: root, exclude: ["**/node_modules/**"] })

/** `## Some heading, with signs` as the anchor that a link to it uses. */
const anchorOf = (heading: string): string =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-")

const headingsOf = (page: string): ReadonlyArray<string> =>
  [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading))

describe("links between pages", () => {
  it.for(pages)("lead somewhere: %s", (page) => {
    const text = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "")
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false
      const [path = "", anchor] = link.split("#")
      const target = path === "" ? join(root, page) : join(root, dirname(page), path)
      return !existsSync(target) || (anchor !== undefined && !headingsOf(target).includes(anchor))
    })
    assert.deepStrictEqual(broken, [])
  })

  it.for(pages)("name files that are there: %s", (page) => {
    const named = [...readFileSync(join(root, page), "utf8").matchAll(/`([\w/.-]+\/[\w.-]+\.(?:ts|mjs|lua|md))`/g)]
    const absent = named.map(([, path = ""]) => path).filter((path) => {
      const [, name = "", rest = ""] = /^(core|consumer)\/(.+)$/.exec(path) ?? []
      return !existsSync(join(root, name === "" ? path : `packages/${name}/src/${rest}`))
    })
    assert.deepStrictEqual(absent, [])
  })
})
