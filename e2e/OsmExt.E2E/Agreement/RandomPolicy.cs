using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E.Agreement;

/// <summary>Policies drawn from few parts, so that they overlap, contradict and miss each other. The same seed gives the same one.</summary>
internal sealed class RandomPolicy(int seed)
{
    public const string Namespace = "shop";

    public static readonly string[] Clients = ["c1", "c2", "c3"];
    public static readonly string[] Servers = ["s1", "s2", "s3"];

    private static readonly string[] Patterns = ["/items/.*", "/a", "/[a-z]+/[0-9]{1,3}", ".*", @"/x\\.y", "(/b|/c).*", "/", "/A", "/items/(1|2)?"];
    private static readonly string[] Methods = ["", ", methods: [GET]", ", methods: [POST, PUT]", ", methods: [\"*\"]"];

    private static readonly string[] Headers =
    [
        "", "", ", headers: {x-team: red|blue}", ", headers: {x-team: \"r.*\", x-user: \".+\"}", ", headers: {host: \"s[12].*\"}", ", headers: {X-Team: \"\"}",
    ];

    private readonly Random _random = new(seed);

    /// <summary>The manifests of a round.</summary>
    /// <param name="permissive">Whether policies count at all.</param>
    public string[] Draw(bool permissive) =>
    [
        MeshConfig(permissive),
        $$"""
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: routes, namespace: {{Namespace}}}
        spec:
          matches:
          - {name: m1, pathRegex: "{{Pick(Patterns)}}"{{Pick(Methods)}}{{Pick(Headers)}}}
          - {name: m2, pathRegex: "{{Pick(Patterns)}}"{{Pick(Methods)}}{{Pick(Headers)}}}
          - {name: m3{{Pick(Methods)}}{{Pick(Headers)}}}
        """,
        TcpRoute("line", "[9000]"), TcpRoute("any", ""), TcpRoute("both", "[9000, 9001, 8080]"),
        .. Servers.Concat(Servers).Where(_ => _random.Next(4) > 0).Select((server, index) => Target(
            Namespace, $"t{index}", server, [.. Clients.Concat(Servers).Where(_ => _random.Next(2) == 0)],
            [.. Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => Rule())])),
        .. _random.Next(3) > 0 ? new[] { Split(Namespace, "all", [.. Servers.Select(server => (server, _random.Next(3)))]) } : [],
    ];

    private static string TcpRoute(string name, string ports) => $$"""
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: TCPRoute
        metadata: {name: {{name}}, namespace: {{Namespace}}}
        spec: {matches: { {{(ports.Length > 0 ? $"ports: {ports}" : "")}} } }
        """;

    private string Rule() => _random.Next(4) switch
    {
        0 => $"{{kind: TCPRoute, name: {Pick(["line", "any", "both", "absent"])}}}",
        1 => "{kind: HTTPRouteGroup, name: routes}",
        _ => $"{{kind: HTTPRouteGroup, name: routes, matches: [{Pick(["m1", "m2", "m3", "m1, m2", "absent"])}]}}",
    };

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
