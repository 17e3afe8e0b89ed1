/** Whether two types are the same, as a type: `assertType<Equal<A, B>>()` compiles only then. For the type tests. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- two generic functions are the same only when what they name is
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

/** Compiles when its argument is `true`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the argument is all there is to check
export const assertType = <_ extends true>(): void => {}
