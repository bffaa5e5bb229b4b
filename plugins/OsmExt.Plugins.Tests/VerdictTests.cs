using System.Globalization;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Cases;
using OsmExt.Testing.Simulation;

namespace OsmExt.Plugins.Tests;

/// <summary>What becomes of requests that come into the mesh and leave it by ways that plugins open: each is decided, none is undecided.</summary>
public class VerdictTests
{
    // A request is CLIENT HOST:PORT PROTOCOL, then method, path, headers, sni= (the server a TLS client asks for) and cert= (a name in its certificate).
    [Theory]
    // Plain text, from the gateway's addresses, of those requests that match.
    [InlineData("backends", "10.0.2.1 10.0.1.1:8080 http /books/1 x-reader=aa", "allow 200")]
    [InlineData("backends", "10.0.2.2 10.0.1.1:8080 http /books/1 x-reader=aa", "allow 200")]
    [InlineData("backends", "192.0.2.99 10.0.1.1:8080 http /books/1 x-reader=aa", "allow 200")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8080 http /books/1", "deny 403")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8080 http /else x-reader=aa", "deny 403")]
    [InlineData("backends", "10.0.2.3 10.0.1.1:8080 http /books/1 x-reader=aa", "deny")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8080 https /books/1 x-reader=aa", "deny")]
    // Mutual TLS: any server name, and one of the principals.
    [InlineData("backends", "10.0.2.1 10.0.1.1:8081 https / cert=gateway.osm-system.cluster.local", "allow 200")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8081 https / cert=spiffe://cluster.local/other/osm-system", "allow 200")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8081 https / cert=gateway.osm-system.cluster.local sni=web.shop.svc.cluster.local", "allow 200")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8081 https / cert=somebody.else.cluster.local", "deny 403")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8081 https /", "deny")]
    [InlineData("backends", "10.0.9.9 10.0.1.1:8081 https / cert=gateway.osm-system.cluster.local", "deny")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8081 http /", "deny")]
    // Of server names only those listed.
    [InlineData("backends", "10.0.2.1 10.0.1.1:8082 https / cert=gateway.osm-system.cluster.local sni=shop.example.com", "allow 200")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8082 https / cert=gateway.osm-system.cluster.local sni=www.EXAMPLE.org", "allow 200")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8082 https / cert=gateway.osm-system.cluster.local", "deny")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8082 https / cert=gateway.osm-system.cluster.local sni=example.org", "deny")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8082 https / cert=gateway.osm-system.cluster.local sni=web.shop.svc.cluster.local", "deny")]
    [InlineData("backends", "10.0.2.1 10.0.1.1:8082 https / sni=shop.example.com", "deny")]
    // TLS without a certificate of the client's.
    [InlineData("backends", "2001:db8::7 10.0.1.1:8083 https /", "allow 200")]
    [InlineData("backends", "2001:db9::7 10.0.1.1:8083 https /", "deny")]
    [InlineData("closed", "192.0.2.7 10.0.1.1:8080 http /", "deny")]
    [InlineData("closed", "192.0.2.7 10.0.1.1:8081 https / cert=gateway.osm-system.cluster.local", "deny")]
    [InlineData("closed", "10.0.2.1 10.0.1.1:8082 https / cert=gateway.osm-system.cluster.local", "deny")]
    [InlineData("closed", "10.0.2.1 10.0.1.1:8083 http /", "deny")]
    public void Requests_from_gateways_are_decided(string name, string request, string expected) => Decided("OsmExt.Plugin.Ingress.Contour", name, request, expected);

    [Theory]
    [InlineData("protocols", "shop/buyer api.example.com:80 http /books/1 x-reader=aa", "allow 200")]
    [InlineData("protocols", "shop/buyer api.example.com:8080 http HEAD /books/1 x-reader=aa", "allow 200")]
    [InlineData("protocols", "shop/buyer api.example.com:80 http /books/1", "deny 404")]
    [InlineData("protocols", "shop/buyer api.example.com:80 http POST /books/1 x-reader=aa", "deny 404")]
    [InlineData("protocols", "shop/buyer api.example.com:81 http /books/1 x-reader=aa", "deny")]
    [InlineData("protocols", "shop/buyer other.example.com:80 http /books/1 x-reader=aa", "deny 404")]
    [InlineData("protocols", "shop/thief api.example.com:80 http /books/1 x-reader=aa", "deny 404")]
    // Requests to hosts of some addresses, to one of them and to another.
    [InlineData("protocols", "shop/buyer 203.0.113.9:80 http / host=www.example.org", "allow 200")]
    [InlineData("protocols", "shop/buyer 198.51.100.1:80 http / host=www.example.org", "deny 403")]
    [InlineData("protocols", "shop/buyer secure.example.com:443 https /", "allow 200")]
    [InlineData("protocols", "shop/buyer secure.example.com:443 tls", "allow")]
    [InlineData("protocols", "shop/buyer www.example.org:443 tls", "allow")]
    [InlineData("protocols", "shop/buyer other.example.com:443 tls", "deny")]
    [InlineData("protocols", "shop/buyer secure.example.com:443 https / sni=", "deny")]
    [InlineData("protocols", "shop/thief secure.example.com:443 tls", "deny")]
    [InlineData("protocols", "shop/buyer 198.51.100.7:5432 tcp", "allow")]
    [InlineData("protocols", "shop/buyer 198.51.100.7:3306 tcp", "allow")]
    [InlineData("protocols", "shop/buyer 203.0.113.7:5432 tcp", "deny")]
    [InlineData("protocols", "shop/thief 198.51.100.7:5432 tcp", "deny")]
    // What several objects open is open; addresses and names of services of the mesh are not theirs.
    [InlineData("merged", "shop/buyer api.example.com:80 http /anything", "allow 200")]
    [InlineData("merged", "shop/buyer 10.96.0.9:80 http / host=store.shop", "deny 404")]
    [InlineData("merged", "shop/buyer 10.96.0.9:443 tls sni=two.example.com", "deny")]
    [InlineData("merged", "shop/buyer 10.1.2.3:443 tls sni=two.example.com", "allow")]
    [InlineData("merged", "shop/buyer 172.16.1.1:443 tcp", "allow")]
    [InlineData("merged", "shop/buyer 172.17.1.1:443 tcp", "deny")]
    [InlineData("mistakes", "shop/buyer no-group.example.com:80 http /", "deny 404")]
    [InlineData("mistakes", "shop/buyer broken.example.com:80 http /fine", "allow 200")]
    [InlineData("mistakes", "shop/buyer broken.example.com:80 http /other", "deny 404")]
    [InlineData("mistakes", "shop/buyer fine.example.com:80 http /", "allow 200")]
    [InlineData("mistakes", "shop/buyer 203.0.113.1:5432 tcp", "allow")]
    [InlineData("mistakes", "shop/buyer 10.0.0.1:5432 tcp", "deny")]
    [InlineData("mistakes", "shop/buyer nobody.example.com:80 http /", "deny 404")]
    [InlineData("passthrough", "shop/buyer api.example.com:80 http /", "allow 200")]
    [InlineData("passthrough", "shop/buyer anything.example.com:4321 tcp", "allow")]
    public void Requests_that_leave_the_mesh_are_decided(string name, string request, string expected) => Decided("OsmExt.Plugin.Egress", name, request, expected);

    [Theory]
    [InlineData("routes", "shop/web books:80 http /", "allow 200")]
    [InlineData("routes", "shop/web books:80 http /lists", "allow 200")]
    [InlineData("routes", "shop/web books:80 http /v1/books GET", "allow 200")]
    [InlineData("routes", "shop/web books:80 http /internal", "deny 404")]
    [InlineData("routes", "shop/web books:80 http /old", "deny 301")]
    // Only a share of these goes to a service that the client may call.
    [InlineData("routes", "shop/web books:80 http / x-tester=yes", "deny 503")]
    [InlineData("weights", "shop/web books:80 http /", "deny 503")]
    [InlineData("weights", "shop/web books:80 http / x-tester=yes", "deny 503")]
    [InlineData("weights", "shop/web books:90 tcp", "deny")]
    public void Requests_that_are_routed_and_split_are_decided(string name, string request, string expected) => Decided("OsmExt.Plugin.Routing", name, request, expected);

    [Theory]
    [InlineData("shop/web payments:80 http /", "allow 200")]
    [InlineData("shop/web rates:80 http /", "allow 200")]
    public void Requests_to_servers_outside_are_decided(string request, string expected) => Decided("OsmExt.Plugin.ExternalBackend", "backend", request, expected);

    private static void Decided(string name, string mesh, string request, string expected)
    {
        var plugin = new PluginFolder(name);
        var set = PluginSet.Load(plugin.Files, plugin.Grants, TimeProvider.System);
        Assert.DoesNotContain(set.Diagnostics, finding => finding.Severity == Severity.Error);
        var snapshot = TranslationCase.Read(Path.Combine(plugin.Cases, mesh, TranslationCase.InputFile), set);
        foreach (var envoy in (string[])["1.40.0", "1.36.2"])
        {
            var decision = Parse(request).Decide(CompiledMesh.Of(snapshot, new(), envoy, set), out var problem);
            Assert.Equal("", problem);
            var verdict = string.Create(CultureInfo.InvariantCulture, $"{decision!.Verdict.ToString().ToLowerInvariant()} {decision.Status}").TrimEnd();
            Assert.True(verdict == expected, $"{verdict}: {decision.Reason}\n{string.Join('\n', decision.Path)}");
        }

        set.DisposeExcept(PluginSet.Empty);
    }

    private static RequestText Parse(string text)
    {
        var words = text.Split(' ');
        var (colon, more) = (words[1].LastIndexOf(':'), words[3..]);
        var pairs = more.Where(word => word.Contains('=', StringComparison.Ordinal)).Select(word => word.Split('=', 2)).ToArray();
        return new(words[0], words[1][..colon], int.Parse(words[1][(colon + 1)..], CultureInfo.InvariantCulture))
        {
            Protocol = words[2] is "tcp" or "tls" ? SimulatedProtocol.Tcp : SimulatedProtocol.Http,
            Tls = words[2] is "https" or "tls",
            ServerName = Array.Find(pairs, pair => pair[0] == "sni")?[1],
            Certificate = [.. pairs.Where(pair => pair[0] == "cert").Select(pair => pair[1])],
            Method = Array.Find(more, word => word.All(char.IsAsciiLetterUpper)),
            Path = Array.Find(more, word => word.StartsWith('/')) ?? "/",
            Headers = [.. pairs.Where(pair => pair[0] is not ("sni" or "cert")).Select(pair => (pair[0], pair[1]))],
        };
    }
}
