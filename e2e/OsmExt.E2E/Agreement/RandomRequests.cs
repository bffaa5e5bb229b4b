using OsmExt.Simulation;
using OsmExt.Testing.Simulation;

namespace OsmExt.E2E.Agreement;

/// <summary>Requests that hit the conditions of <see cref="RandomPolicy"/>, and just miss them.</summary>
internal sealed class RandomRequests(int seed)
{
    private static readonly string[] Paths =
    [
        "/items/1", "/items/", "/items", "/a", "/a?x=1", "/A", "/abc/12", "/abc/1234", "/x.y", "/xzy", "/b/1", "/c", "/", "/items//2", "//a", "/%61",
    ];

    private static readonly string[] Methods = ["GET", "GET", "POST", "PUT", "DELETE", "HEAD", "get"];

    private static readonly (string, string)[][] Headers =
    [
        [], [], [("x-team", "red")], [("x-team", "green")], [("x-team", "red"), ("x-user", "u")], [("X-TEAM", "blue")], [("x-team", "")],
        [("x-team", "green"), ("x-team", "red")],
    ];

    private readonly Random _random = new(seed);

    public PolicyRequest Next()
    {
        var client = Pick(RandomPolicy.Clients.Concat(RandomPolicy.Servers).Append("stranger").ToArray());
        var ns = client == "stranger" ? "outside" : RandomPolicy.Namespace;
        var service = Pick([.. RandomPolicy.Servers, "all", "all"]);
        string[] forms = [$"{service}.shop", $"{service}.shop.svc.cluster.local", ns == RandomPolicy.Namespace ? service : $"{service}.shop.svc"];
        var host = Pick(forms);
        // Without a sidecar and silent, a client of a server-first port would only wait for a proxy that waits for its first bytes.
        return _random.Next(4) == 0
            ? new($"{ns}/{client}", host, client == "stranger" ? 9000 : 9000 + _random.Next(2)) { Protocol = SimulatedProtocol.Tcp }
            : new($"{ns}/{client}", host, 8080) { Method = Pick(Methods), Path = Pick(Paths), Headers = Headers[_random.Next(Headers.Length)] };
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
