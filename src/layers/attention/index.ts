/** Attention layers. */

import attention from './attention.ts';
import groupedQuery from './grouped-query.ts';
import multiHead from './multi-head.ts';

export default [...attention, multiHead, groupedQuery];
