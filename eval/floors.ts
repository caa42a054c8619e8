/** `--floors`: an evaluation fails where it falls below what was reached before. Floors are raised as agreement grows. */

export interface Reached {
  readonly what: string;
  /** Share reached, from 0 to 1. */
  readonly share: number;
  readonly floor: number;
}

/** Says what lies below its floor and sets the process's exit code, if `--floors` was given. */
export function keepFloors(reached: readonly Reached[], asked: boolean): void {
  const low = reached.filter(({ share, floor }) => share < floor);
  for (const { what, share, floor } of low) {
    console.log(`below the floor: ${what} ${(100 * share).toFixed(2)} %, kept at ${(100 * floor).toFixed(2)} %`);
  }
  if (asked && low.length > 0) process.exitCode = 1;
}
