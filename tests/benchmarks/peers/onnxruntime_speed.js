#!/usr/bin/env node
// Measures how fast ONNX Runtime runs a network on one thread: a worker of speed.py, which describes the protocol.
//
//   NODE_PATH=.../node_modules node onnxruntime_speed.js NETWORK
'use strict';
const ort = require('onnxruntime-node'), readline = require('readline');

const processSeconds = () => { const {user, system} = process.cpuUsage(); return (user + system) / 1e6; };

(async () => {
  const options = {intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ['cpu'], logSeverityLevel: 4};
  const session = await ort.InferenceSession.create(process.argv[2], options);
  const input = session.inputMetadata[0];
  for await (const line of readline.createInterface({input: process.stdin})) {
    const [batch, seconds] = line.split(' ').map(Number);
    const shape = [batch, ...input.shape.slice(1)], count = shape.reduce((a, b) => a * b, 1);
    const images = new ort.Tensor('float32', Float32Array.from({length: count}, (_, i) => i % 17 / 17), shape);
    await session.run({[input.name]: images});
    const begin = processSeconds();
    let done = 0, spent = 0;
    while (spent < seconds) {
      await session.run({[input.name]: images});
      done += batch;
      spent = processSeconds() - begin;
    }
    console.log(done / spent);
  }
})();
