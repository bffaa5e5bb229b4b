// Asks for clients' status (CSDS) with @grpc/grpc-js and the definitions that come with @grpc/grpc-js-xds. Standard input is one JSON,
//   {"target": "127.0.0.1:1", "roots": PEM, "certificate": PEM, "key": PEM, "request": {...}}
// and standard output {"fetched": ..., "streamed": ...} or {"error": code}.
import fs from 'node:fs';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const DEPS = 'node_modules/@grpc/grpc-js-xds/deps';
const definition = loader.loadSync('envoy/service/status/v3/csds.proto', {
  includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((folder) => `${DEPS}/${folder}`),
  keepCase: true, enums: String, longs: String, defaults: true,
});
const { ClientStatusDiscoveryService } = grpc.loadPackageDefinition(definition).envoy.service.status.v3;

const { target, roots, certificate, key, request } = JSON.parse(fs.readFileSync(0, 'utf8'));
const credentials = grpc.credentials.createSsl(Buffer.from(roots), Buffer.from(key), Buffer.from(certificate));
const client = new ClientStatusDiscoveryService(target, credentials, { 'grpc.ssl_target_name_override': 'localhost', 'grpc.max_receive_message_length': -1 });

const fetched = () => new Promise((resolve, reject) => client.FetchClientStatus(request, (error, answer) => (error ? reject(error) : resolve(answer))));
const streamed = () => new Promise((resolve, reject) => {
  const call = client.StreamClientStatus();
  call.on('data', (answer) => { resolve(answer); call.end(); });
  call.on('error', reject);
  call.write(request);
});

const contents = (answer) => answer.config.map((config) => ({
  node: config.node.id,
  proxy: config.node.metadata.fields.proxy.stringValue,
  resources: config.generic_xds_configs.map((resource) => ({
    type: resource.type_url.split('.').at(-1),
    name: resource.name,
    version: resource.version_info,
    status: resource.config_status,
    error: resource.error_state?.details ?? null,
    content: resource.xds_config ? resource.xds_config.value.toString('latin1') : null,
  })),
}));

try {
  console.log(JSON.stringify({ fetched: contents(await fetched()), streamed: contents(await streamed()) }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code, details: error.details }));
}
client.close();
