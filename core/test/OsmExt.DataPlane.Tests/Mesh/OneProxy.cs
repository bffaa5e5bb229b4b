using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf;
using OsmExt.Compiler.Translation;
using OsmExt.DataPlane.Observation;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Tests.Mesh;

/// <summary>One traffic engine with a listener on a loopback port, made from YAML.</summary>
internal sealed class OneProxy : IStreamSink, IAsyncDisposable
{
    private OneProxy(TrafficOptions options) => Engine = new(options with { Sink = this });

    public TrafficEngine Engine { get; }

    public ConcurrentQueue<StreamRecord> Records { get; } = [];

    public IPEndPoint Address => Engine.Bound.Single(bound => bound.Listener == "in").Address;

    public Uri Uri => new($"http://{Address}");

    public static async Task<OneProxy> StartAsync(IEnumerable<XdsResource> resources, TrafficOptions? options = null)
    {
        var proxy = new OneProxy(options ?? new());
        await proxy.ApplyAsync(resources);
        return proxy;
    }

    public Task ApplyAsync(IEnumerable<XdsResource> resources) => Engine.ApplyAsync(new("one", resources, null), CancellationToken.None);

    /// <summary>A listener that serves HTTP, with the routes of its only virtual host.</summary>
    /// <param name="routes">YAML of the list of routes.</param>
    /// <param name="manager">More fields of the connection manager, in flow style.</param>
    /// <param name="filters">HTTP filters before the router, in flow style.</param>
    /// <param name="host">More fields of the virtual host, in flow style.</param>
    public static XdsResource Http(string routes, string manager = "", string filters = "", string host = "") => Resource<Listener>("in", $$"""
        name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0} }
        filter_chains:
        - name: chain
          filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: test
        {{Indented(manager, 6)}}
              http_filters:
        {{Indented(filters, 6)}}
              - name: router
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
              route_config:
                name: routes
                virtual_hosts:
                - name: all
                  domains: ["*"]
        {{Indented(host, 10)}}
                  routes:
        {{Indented(routes, 10)}}
        """);

    public static XdsResource Tcp(string proxy, string filters = "") => Resource<Listener>("in", $$"""
        name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0} }
        filter_chains:
        - name: chain
          filters:
        {{Indented(filters, 2)}}
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: test
        {{Indented(proxy, 6)}}
        """);

    /// <summary>A cluster whose endpoints are given with it.</summary>
    public static XdsResource Cluster(string name, string more, params IPEndPoint[] endpoints) => Resource<Cluster>(name, $$"""
        name: {{name}}
        type: STATIC
        {{more}}
        load_assignment:
          cluster_name: {{name}}
          endpoints:
          - lb_endpoints: [{{string.Join(", ", endpoints.Select(Endpoint))}}]
        """);

    public static XdsResource Eds(string name, params IPEndPoint[] endpoints) => Resource<ClusterLoadAssignment>(name, $$"""
        cluster_name: {{name}}
        endpoints:
        - lb_endpoints: [{{string.Join(", ", endpoints.Select(Endpoint))}}]
        """);

    public static XdsResource Resource<T>(string name, string text)
        where T : class, IMessage<T>, new()
    {
        var read = EnvoyReader.Read(text, new T().Descriptor);
        Assert.Empty(read.Problems);
        Assert.Empty(Checks.Some.Check(BootstrapConfig.MaxRegexProgram).Reasons(read.Message!));
        return XdsResource.Create(read.Message!, name);
    }

    /// <summary>Sends bytes as they are, and reads what comes back until the proxy closes the connection.</summary>
    public async Task<string> SendAsync(string text)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Address);
        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(text));
        return await ReadAllAsync(socket);
    }

    public static async Task<string> ReadAllAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (said, buffer) = (new System.Text.StringBuilder(), new byte[4096]);
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
            {
                said.Append(System.Text.Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // A reset ends it as well.
        }

        return said.ToString();
    }

    /// <summary>What is written when a request has ended, which may be a little after its answer has come.</summary>
    public Task<StreamRecord> RecordAsync(int index = 0) => RecordOf(Records, index);

    public static async Task<StreamRecord> RecordOf(ConcurrentQueue<StreamRecord> records, int index = 0)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (records.Count <= index)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
        }

        return records.ElementAt(index);
    }

    public void Ended(StreamRecord record) => Records.Enqueue(record);

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private static string Endpoint(IPEndPoint at) => string.Create(CultureInfo.InvariantCulture,
        $"{{endpoint: {{address: {{socket_address: {{address: {at.Address}, port_value: {at.Port}}}}}}}}}");

    // Lists begin two columns further left than what they hold.
    private static string Indented(string text, int columns)
        => string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new string(' ', columns) + line));
}
