/** Runs a command as a whole process and tells its time and the most memory it held. */

import { spawnSync } from 'node:child_process';

export interface Measured {
  /** Wall time, milliseconds, the least of the runs: what the machine can do when nothing else runs. */
  readonly milliseconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Repeats the command and takes its quickest run. Throws where it fails. */
export function measured(command: string, words: readonly string[], runs = 3): Measured {
  let best: Measured | null = null;
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
    const milliseconds = performance.now() - started;
    if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}: ${stderr.slice(-400)}`);
    if (!best || milliseconds < best.milliseconds) best = { milliseconds, stdout, stderr };
  }
  return best as Measured;
}

export interface Resources {
  /** Processor time of all threads, milliseconds. */
  readonly processor: number;
  /** Most memory resident at once, bytes. */
  readonly peak: number;
}

const tell = 'data:text/javascript,process.on("exit",()=>console.error(JSON.stringify(process.resourceUsage())))';

/** Runs a script in Node once and tells what it took: on a busy machine that says more than wall time. */
export function resourcesOf(words: readonly string[]): Resources {
  const { stderr } = measured(process.execPath, ['--import', tell, ...words], 1);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(stderr.trim().split('\n').at(-1)!) as NodeJS.ResourceUsage;
  return { processor: (userCPUTime + systemCPUTime) / 1000, peak: maxRSS * 1024 };
}
