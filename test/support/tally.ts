/**
 * Ends a run of the tests with one plain line, `2787 passed, 0 failed, 3 skipped`, for whoever reads only that much:
 * a person at the end of a long log, a script that counts. Vitest's own summary stays above it.
 */
import type { Reporter, TestModule } from 'vitest/node';

/** Counts every test case of the run, nested ones too; a file that could not be loaded counts as one failure. */
export const tally: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state !== 'pending') count[state] += 1;
      }
    }
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  },
};
