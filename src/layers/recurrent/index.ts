/** Recurrent layers, their cells and wrappers. */

import bidirectional from './bidirectional.ts';
import cells from './cells.ts';
import convLstm from './conv-lstm.ts';
import cudnn from './cudnn.ts';
import rnn from './rnn.ts';
import standard from './standard.ts';
import timeDistributed from './time-distributed.ts';

export default [...cells, ...standard, ...cudnn, ...rnn, bidirectional, timeDistributed, ...convLstm];
