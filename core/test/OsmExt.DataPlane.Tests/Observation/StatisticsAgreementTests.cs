using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.Envoy;
using OsmExt.Simulation;
using OsmExt.Simulation.Tests.Agreement;
using Prometheus;
using Xunit.Abstractions;

namespace OsmExt.DataPlane.Tests.Observation;

/// <summary>The same connections to an Envoy and to the data plane, good ones and bad ones; afterwards both must have counted the same under the same names.</summary>
public sealed class StatisticsAgreementTests(ITestOutputHelper output) : IDisposable
{
    private const string Host = "in.test";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    // Only then Envoy has how often something was measured.
    private static readonly Duration Often = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100));

    // How large messages are, and how long things take, is not the same.
    private static readonly string[] NotCompared = ["_bytes_", "_bucket", "_sum", "rq_time", "\"admin\"", "_buffered"];

    // Of Envoy's statistics of these beginnings all must be here, but for those that are said to be missing.
    private static readonly string[] Compared = ["envoy_listener_", "envoy_http_downstream_", "envoy_tcp_downstream_", "envoy_cluster_ssl_", "envoy_cluster_upstream_cx_"];

    // The last but two are counted by the endpoints, and tested elsewhere.
    private static readonly string[] Missing =
    [
        "envoy_listener_manager_", "envoy_listener_worker_", "envoy_listener_admin_", "envoy_listener_ssl_curves", "envoy_listener_ssl_sigalgs", "envoy_listener_ssl_certificate_expiration",
        "envoy_listener_connections_accepted_per_socket_event", "envoy_cluster_ssl_curves", "envoy_cluster_ssl_sigalgs", "envoy_cluster_ssl_certificate_expiration",
        "envoy_listener_ssl_ocsp_", "envoy_cluster_upstream_cx_destroy_", "envoy_cluster_upstream_cx_active", "envoy_cluster_upstream_cx_total", "envoy_cluster_upstream_cx_length_ms", "envoy_cluster_upstream_cx_connect_ms",
    ];

    private static readonly Regex Suite = new("(envoy_ssl_cipher|cipher_suite)=\"[^\"]*\"");

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _stranger = new("another root");

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task It_counts_as_Envoy_does(string version)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        await using var server = await TestServer.HttpAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/missing" ? 404 : 200;
            return context.Response.WriteAsync("said");
        });
        await using var echo = await TestServer.TcpAsync(TestServer.Echo);
        var inbound = Inbound(server.Address, echo.Address);

        await using var envoy = await RunningEnvoy.StartAsync(path, Bootstrap(inbound));
        await using var outerEnvoy = await RunningEnvoy.StartAsync(path, Bootstrap(Outbound(envoy.Ports["in"])));
        await using var engine = await CountingEngine.StartAsync(inbound);
        await using var outerEngine = await CountingEngine.StartAsync(Outbound(engine.Ports["in"]));

        await TrafficAsync(envoy.Ports, outerEnvoy.Ports["out"]);
        await TrafficAsync(engine.Ports, outerEngine.Ports["out"]);

        using var http = new HttpClient();
        foreach (var (theirs, ours) in new[] { (envoy, engine), (outerEnvoy, outerEngine) })
        {
            var deadline = TimeProvider.System.GetTimestamp();
            Dictionary<string, double> expected, got;
            do
            {
                // Connections that have just been closed are about to be counted.
                (expected, got) = (Read(await http.GetStringAsync(new Uri(theirs.Admin, "/stats/prometheus"))), Read(await ours.ReadAsync()));
            }
            while (!Lines(expected, got).SequenceEqual(Lines(got, expected)) && TimeProvider.System.GetElapsedTime(deadline) < Settled);

            output.WriteLine(string.Join('\n', Lines(got, expected)));
            Assert.Equal("", string.Join('\n', Lines(expected, got).Zip(Lines(got, expected)).Where(both => both.First != both.Second).Select(both => $"{both.First}, here {both.Second[(both.Second.LastIndexOf(' ') + 1)..]}")));
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }

    private async Task TrafficAsync(IReadOnlyDictionary<string, int> ports, int outbound)
    {
        var good = _authority.Issue("spiffe://mesh/ns/a/sa/client", "client");
        foreach (var http in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = Client(ports["in"], good, http);
            Assert.Equal("said", await client.GetStringAsync("/"));
            using var missing = await client.GetAsync("/missing");
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }

        await CloseAsync(ports["in"], good);
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(ports["in"], null, Host));
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(ports["in"], _stranger.Issue("spiffe://mesh/ns/a/sa/client", "client"), Host));
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(ports["in"], _authority.Issue("spiffe://elsewhere/ns/a/sa/client", "client"), Host));
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(ports["in"], good, "other.test"));
        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(ports["in"], good, Host, SslProtocols.Tls12));
        await EchoAsync(ports["tcp"]);
        using var outside = new HttpClient { BaseAddress = new($"http://127.0.0.1:{outbound}") };
        for (var request = 0; request < 3; request++)
        {
            Assert.Equal("said", await outside.GetStringAsync("/"));
        }
    }

    private static Dictionary<string, double> Read(string text) => text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => (Key: Sorted(line[..line.LastIndexOf(' ')]), Value: double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)))
        .GroupBy(stat => stat.Key).ToDictionary(group => group.Key, group => group.Sum(stat => stat.Value));

    // Labels stand in any order, and which cipher suite is taken is the TLS libraries' business.
    private static string Sorted(string written)
    {
        var series = Suite.Replace(written, "$1=\"*\"");
        var open = series.IndexOf('{', StringComparison.Ordinal);
        return open < 0 ? $"{series}{{}}" : $"{series[..open]}{{{string.Join(',', series[(open + 1)..^1].Split(',').Order(StringComparer.Ordinal))}}}";
    }

    private static string[] Lines(Dictionary<string, double> stats, Dictionary<string, double> beside) =>
    [
        .. stats.Keys.Union(beside.Keys).Where(key => Compared.Any(name => key.StartsWith(name, StringComparison.Ordinal)))
            .Where(key => !Missing.Any(name => key.StartsWith(name, StringComparison.Ordinal)) && !NotCompared.Any(part => key.Contains(part, StringComparison.Ordinal)))
            .Where(key => stats.GetValueOrDefault(key) != 0 || beside.GetValueOrDefault(key) != 0)
            .Order(StringComparer.Ordinal).Select(key => string.Create(CultureInfo.InvariantCulture, $"{key} {stats.GetValueOrDefault(key)}")),
    ];

    private static HttpClient Client(int port, (string Chain, string Key) certificate, Version version) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = Options(certificate, Host),
    })
    {
        BaseAddress = new($"https://{Host}"),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

#pragma warning disable CA5359 // It is the servers that are tested.
    private static SslClientAuthenticationOptions Options((string Chain, string Key)? certificate, string name) => new()
    {
        TargetHost = name,
        ClientCertificateContext = certificate is { } own ? SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(own.Chain, own.Key), null, offline: true) : null,
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
        AllowTlsResume = false,
    };
#pragma warning restore CA5359

    // The proxy is the one that closes.
    private static async Task CloseAsync(int port, (string Chain, string Key) certificate)
        => Assert.StartsWith("HTTP/1.1 200", await AskAsync(port, certificate, Host), StringComparison.Ordinal);

    private static async Task<string> AskAsync(int port, (string Chain, string Key)? certificate, string name, SslProtocols versions = SslProtocols.None)
    {
        using var limit = new CancellationTokenSource(Bound);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        await using var tls = new SslStream(tcp.GetStream());
        var options = Options(certificate, name);
        options.EnabledSslProtocols = versions;
        await tls.AuthenticateAsClientAsync(options, limit.Token);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nhost: {Host}\r\nconnection: close\r\n\r\n"), limit.Token);
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync(limit.Token) is { Length: > 0 } said ? said : throw new IOException("Nothing was said.");
    }

    private static async Task EchoAsync(int port)
    {
        using var limit = new CancellationTokenSource(Bound);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync("hello"u8.ToArray(), limit.Token);
        tcp.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        Assert.Equal("hello", await reader.ReadToEndAsync(limit.Token));
    }

    private XdsResource[] Inbound(IPEndPoint server, IPEndPoint echo)
    {
        var (chain, key) = _authority.Issue("spiffe://mesh/ns/a/sa/server", Host);
        return
        [
            Listener("in", $$"""
                listener_filters: [{name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector} }]
                filter_chains:
                - name: mtls
                  filter_chain_match: {transport_protocol: tls, server_names: [{{Host}}]}
                  transport_socket:
                    name: tls
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                      require_client_certificate: true
                      common_tls_context:
                        tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}
                        alpn_protocols: [h2, http/1.1]
                        tls_certificates: [{certificate_chain: {inline_string: {{Quoted(chain)}} }, private_key: {inline_string: {{Quoted(key)}} } }]
                        validation_context:
                          trusted_ca: {inline_string: {{Quoted(_authority.RootPem)}} }
                          match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix: "spiffe://mesh/"} }]
                  filters:
                {{Manager("inbound", "app")}}
                """),
            Listener("tcp", """
                stat_prefix: database
                filter_chains:
                - filters:
                  - name: tcp
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp-in, cluster: echo}
                """),
            OneProxy.Cluster("app", "", server),
            OneProxy.Cluster("echo", "", echo),
        ];
    }

    private XdsResource[] Outbound(int inbound)
    {
        var (chain, key) = _authority.Issue("spiffe://mesh/ns/a/sa/out", "out");
        return
        [
            Listener("out", $$"""
                filter_chains:
                - filters:
                {{Manager("outbound", "peer")}}
                """),
            OneProxy.Cluster("peer", $$"""
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                    sni: {{Host}}
                    common_tls_context:
                      tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}
                      alpn_protocols: [h2]
                      tls_certificates: [{certificate_chain: {inline_string: {{Quoted(chain)}} }, private_key: {inline_string: {{Quoted(key)}} } }]
                      validation_context: {trusted_ca: {inline_string: {{Quoted(_authority.RootPem)}} } }
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: {http2_protocol_options: {} }
                """, new IPEndPoint(IPAddress.Loopback, inbound)),
        ];
    }

    private static XdsResource Listener(string name, string rest)
        => OneProxy.Resource<Listener>(name, $"name: {name}\naddress: {{socket_address: {{address: 127.0.0.1, port_value: 0}}}}\n{rest}");

    private static string Manager(string prefix, string cluster) => $$"""
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: {{prefix}}
              http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router} }]
              route_config: {name: r, virtual_hosts: [{name: a, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: {{cluster}} } }] }] }
        """;

    private static string Quoted(string pem) => $"\"{pem.ReplaceLineEndings("\\n")}\"";

    private static Bootstrap Bootstrap(IEnumerable<XdsResource> resources)
    {
        var bootstrap = new Bootstrap { Admin = new() { Address = new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = 0 } } }, StaticResources = new(), StatsFlushInterval = Often };
        bootstrap.StaticResources.Listeners.AddRange(resources.Select(resource => resource.Message).OfType<Listener>());
        bootstrap.StaticResources.Clusters.AddRange(resources.Select(resource => resource.Message).OfType<Cluster>());
        return bootstrap;
    }

    /// <summary>Traffic engines with the statistics that a sidecar has: one for each listener, as only Envoy takes several of one address whose port is any.</summary>
    private sealed class CountingEngine : IStreamSink, IAsyncDisposable
    {
        private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
        private readonly StreamStatistics _streams;
        private readonly ConnectionStatistics _connections;
        private readonly Dictionary<string, TrafficEngine> _engines = new(StringComparer.Ordinal);

        private CountingEngine()
        {
            var families = new StatFamilies(Metrics.WithCustomRegistry(_registry));
            (_streams, _connections) = (new(families, new()), new(families));
        }

        public Dictionary<string, int> Ports
            => _engines.ToDictionary(entry => entry.Key, entry => entry.Value.Bound.Single().Address.Port, StringComparer.Ordinal);

        public static async Task<CountingEngine> StartAsync(XdsResource[] resources)
        {
            var all = new CountingEngine();
            foreach (var listener in resources.Where(resource => resource.Message is Listener))
            {
                var engine = all._engines[listener.Name] = new(new() { Sink = all, Connections = all._connections });
                await engine.ApplyAsync(new("engine", [listener, .. resources.Where(resource => resource.Message is Cluster)], null), CancellationToken.None);
            }

            return all;
        }

        public async Task<string> ReadAsync()
        {
            await using var text = new MemoryStream();
            await _registry.CollectAndExportAsTextAsync(text);
            return Encoding.UTF8.GetString(text.ToArray());
        }

        public void Ended(StreamRecord record) => _streams.Count(record);

        public async ValueTask DisposeAsync()
        {
            foreach (var engine in _engines.Values)
            {
                await engine.DisposeAsync();
            }
        }
    }
}
