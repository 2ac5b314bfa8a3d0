#!/usr/bin/env node
// Writes what ONNX Runtime computes for every network of a folder, and the inputs that it computed it from.
//
//   NODE_PATH=.../node_modules node onnxruntime.js CORPUS [IMAGES]
//
// For each NAME.onnx in CORPUS or a folder below it: CORPUS/refs/NAME/manifest.json with the name, type,
// shape and file of every input and output, or with ONNX Runtime's error; the files are little-endian
// float32, whatever the type.
// Graph optimisation is off and there is one thread. A network whose first axis is free, or 1, runs on one
// image at a time, another on as many as it asks for, until there are IMAGES (default 5) or more.
// Values: mulberry32 seeded by 1 + index of the input. Floats are uniform in [-1, 1), uint8 in 0..255, other
// integers 0 or 1. Free axes other than the first are 224. CORPUS/inputs.json can say otherwise, {"NAME":
// {"INPUT": {"shape": [1, 3, 48, 192], "value": 16000, "below": 257}}}: the shape, one value for all, a
// bound of integers.
'use strict';
const fs = require('fs'), path = require('path'), child = require('child_process');
const IMAGES = 5, FREE_SIZE = 224, SECONDS = 120, TOGETHER = 25;

/// Returns a generator of numbers that are uniform in [0, 1).
function mulberry32(a) {
  return () => {
    a = a + 0x6D2B79F5 | 0;
    let t = Math.imul(a ^ a >>> 15, 1 | a);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

/// Returns the bits of the half nearest to x, which must be 0 or of a size in [2^-24, 1]; ties go to even.
function toHalf(x) {
  const size = Math.abs(x), sign = x < 0 ? 0x8000 : 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)));
  const scaled = size * 2 ** (10 - exponent), low = Math.floor(scaled), rest = scaled - low;
  const mantissa = low + (rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? 1 : 0);
  return sign + (exponent + 14) * 1024 + mantissa;  // subnormal numbers: exponent -14 and no implied 1024
}

function fromHalf(bits) {
  const exponent = bits >>> 10 & 31, mantissa = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + mantissa / 1024) : 2 ** -24 * mantissa);
}

function floatsOf(tensor) {
  const halves = tensor.type === 'float16' && tensor.data instanceof Uint16Array;
  return Float32Array.from(tensor.data, halves ? fromHalf : Number);
}

/// Returns a function that makes the next tensor of an input.
function tensors(ort, input, index, special) {
  const free = (i) => i === 0 ? 1 : FREE_SIZE;
  const shape = special.shape || input.shape.map((d, i) => typeof d === 'number' && d > 0 ? d : free(i));
  const count = shape.reduce((a, b) => a * b, 1), random = mulberry32(1 + index);
  const below = special.below || (input.type === 'uint8' ? 256 : 2);
  const given = special.value !== undefined;
  const real = () => given ? special.value : random() * 2 - 1;
  const whole = () => given ? special.value : Math.floor(random() * below);
  const half = () => typeof Float16Array === 'undefined' ? toHalf(real()) : real();
  const kinds = {
    float32: [Float32Array, real], float64: [Float64Array, () => Math.fround(real())],
    float16: [typeof Float16Array === 'undefined' ? Uint16Array : Float16Array, half],
    int64: [BigInt64Array, () => BigInt(whole())], int32: [Int32Array, whole], int8: [Int8Array, whole],
    uint8: [Uint8Array, whole], bool: [Uint8Array, () => 0],
  };
  if (!kinds[input.type]) throw new Error(`no input of the type ${input.type} can be made`);
  const [Data, next] = kinds[input.type];
  return () => new ort.Tensor(input.type, Data.from({length: count}, next), shape);
}

/// Adds a run's tensor to what the manifest says of its name.
function append(entries, name, tensor) {
  if (!entries.has(name)) entries.set(name, {name, type: tensor.type, dims: [...tensor.dims], values: []});
  entries.get(name).values.push(floatsOf(tensor));
}

/// Writes the values of all runs and returns the manifest's entry: the first axis counts through the runs.
function store(folder, file, entry) {
  const values = Buffer.concat(entry.values.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength)));
  fs.writeFileSync(path.join(folder, file), values);
  const runs = entry.values.length, [first, ...rest] = entry.dims.length ? entry.dims : [1];
  return {name: entry.name, type: entry.type, shape: [runs * first, ...rest], file};
}

async function reference(corpus, network, images) {
  const ort = require('onnxruntime-node');
  const name = path.basename(network, '.onnx'), folder = path.join(corpus, 'refs', name);
  fs.mkdirSync(folder, {recursive: true});
  const options = {graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, interOpNumThreads: 1,
    executionProviders: ['cpu'], logSeverityLevel: 4};
  const manifest = {network: path.relative(corpus, network), ok: false};
  try {
    const specialFile = path.join(corpus, 'inputs.json');
    const special = fs.existsSync(specialFile) ? JSON.parse(fs.readFileSync(specialFile))[name] || {} : {};
    const session = await ort.InferenceSession.create(network, options);
    const makers = session.inputMetadata.map((m, i) => [m.name, tensors(ort, m, i, special[m.name] || {})]);
    const inputs = new Map(), outputs = new Map();  // in the order of the network
    for (let done = 0; done < images;) {
      const feeds = Object.fromEntries(makers.map(([input, make]) => [input, make()]));
      const results = await session.run(feeds);
      for (const input of session.inputNames) append(inputs, input, feeds[input]);
      for (const output of session.outputNames) append(outputs, output, results[output]);
      done += feeds[session.inputNames[0]].dims[0] || images;
    }
    manifest.inputs = [...inputs.values()].map((e, i) => store(folder, `input-${i}.f32`, e));
    manifest.outputs = [...outputs.values()].map((e, i) => store(folder, `output-${i}.f32`, e));
    manifest.ok = true;
  } catch (error) {
    manifest.error = String(error.message || error).replace(/\s+/g, ' ').slice(0, 300);
  }
  finish(folder, manifest);
}

function finish(folder, manifest) {
  const version = require('onnxruntime-node/package.json').version;
  manifest.runtime = `onnxruntime-node ${version}`;
  fs.writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest, null, 1) + '\n');
}

/// Returns the networks of a folder and of those below it.
function networksIn(folder) {
  return fs.readdirSync(folder, {withFileTypes: true}).sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) return ['refs', 'node_modules'].includes(entry.name) ? [] : networksIn(place);
    return entry.name.endsWith('.onnx') ? [place] : [];
  });
}

/// Runs networks in a child process. If it crashes or takes too long, each that it left is run in a process of its own.
function run(corpus, images, networks) {
  const script = [__filename, '--child', corpus, images, ...networks];
  const done = child.spawnSync(process.execPath, script, {encoding: 'utf8', timeout: SECONDS * 1000});
  if (done.status === 0) return;
  const folderOf = (network) => path.join(corpus, 'refs', path.basename(network, '.onnx'));
  if (networks.length > 1) {
    const left = networks.filter((network) => !fs.existsSync(path.join(folderOf(network), 'manifest.json')));
    return left.forEach((network) => run(corpus, images, [network]));
  }
  const how = (done.signal || `status ${done.status}`) + ' ' + (done.stderr || '').replace(/\s+/g, ' ').slice(-200);
  fs.mkdirSync(folderOf(networks[0]), {recursive: true});
  const manifest = {network: path.relative(corpus, networks[0]), ok: false, error: `the process ended with ${how}`};
  finish(folderOf(networks[0]), manifest);
}

function all(corpus, images) {
  fs.rmSync(path.join(corpus, 'refs'), {recursive: true, force: true});
  const networks = networksIn(corpus);
  while (networks.length > 0) run(corpus, images, networks.splice(0, TOGETHER));
}

(async () => {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--child') {
    const [corpus, images, ...networks] = rest;
    for (const network of networks) await reference(corpus, network, Number(images));
  } else if (first) {
    all(path.resolve(first), Number(rest[0] || IMAGES));
  } else {
    console.error('usage: onnxruntime.js CORPUS [IMAGES]');
    process.exitCode = 2;
  }
})();
