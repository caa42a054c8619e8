/** `While`: as a scan where it counts its steps, else as a loop with a condition. */

import type { Lowering, LoweringTable } from '../define.ts';
import { lowerWhile } from '../while.ts';

const whileLoop: Lowering = (node, context) => lowerWhile(node, context);

export const loops: LoweringTable = {
  While: whileLoop,
  StatelessWhile: whileLoop,
};
