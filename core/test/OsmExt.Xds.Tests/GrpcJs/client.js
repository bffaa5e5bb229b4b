// A gRPC client whose targets are resolved by @grpc/grpc-js-xds. Each line of standard input is a command as JSON,
//   {"target": "xds:///name", "calls": 10}
// and each is answered by a line, {"answers": {"who answered": how often}, "errors": {"what failed": how often}}.
import readline from 'node:readline';
import grpc from '@grpc/grpc-js';
import { register } from '@grpc/grpc-js-xds';

const PATH = '/test.Greeter/Who';
const PATIENCE = 10_000;

register();
const channels = new Map();
const bytes = (value) => value;

function channelTo(target) {
  if (!channels.has(target)) {
    channels.set(target, new grpc.Client(target, grpc.credentials.createInsecure()));
  }
  return channels.get(target);
}

function call(target) {
  const metadata = new grpc.Metadata({ waitForReady: true });
  const options = { deadline: Date.now() + PATIENCE };
  return new Promise((resolve) => {
    channelTo(target).makeUnaryRequest(PATH, bytes, bytes, Buffer.alloc(0), metadata, options, (error, answer) =>
      resolve(error ? { error: error.message } : { answer: answer.toString() }));
  });
}

function count(values) {
  const counts = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { target, calls } = JSON.parse(line);
  const results = [];
  for (let i = 0; i < calls; i++) {
    results.push(await call(target));
  }
  const answers = count(results.filter((r) => r.error === undefined).map((r) => r.answer));
  const errors = count(results.filter((r) => r.error !== undefined).map((r) => r.error));
  console.log(JSON.stringify({ answers, errors }));
}
process.exit(0);
