using OsmExt.Testing.Simulation;
using System.Runtime.CompilerServices;
using OsmExt.Cli.Simulation;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Tests.Simulation;

/// <summary>Requests decided from manifests to verdict: the compiler's cases and the demo's mesh.</summary>
public class WholeDecisionTests
{
    private static readonly string Repository = Root();

    [Theory]
    [InlineData("http-rules", "client/curl cart.shop:8080 GET /items", "allow 200 shop/cart=1")]
    [InlineData("http-rules", "client/curl cart.shop:8080 HEAD /items/7", "allow 200 shop/cart=1")]
    [InlineData("http-rules", "client/curl CART.shop.svc.cluster.local.:8080 GET /x/../items?a=b", "allow 200 shop/cart=1")]
    [InlineData("http-rules", "client/curl cart.shop:8080 POST /items", "deny 403")]
    [InlineData("http-rules", "client/curl cart.shop:8080 GET /items/../admin", "deny 403")]
    [InlineData("http-rules", "client/curl cart.shop:8080 GET /items%2f..%2fadmin", "deny 307")]
    [InlineData("http-rules", "client/curl cart.shop:8080 get /items", "deny 400")]
    [InlineData("http-rules", "other/batch cart.shop:8080 GET /items", "deny 403")]
    [InlineData("http-rules", "other/batch cart.shop:8080 GET /items/1 x-team=billing", "allow 200 shop/cart=1")]
    [InlineData("http-rules", "other/batch 10.96.0.1:8080 GET /items/1 host=cart.shop x-team=billing", "allow 200 shop/cart=1")]
    [InlineData("http-rules", "other/batch cart.shop:8080 GET /items/1 x-team=sales", "deny 403")]
    [InlineData("http-rules", "client/curl cart.shop:8080 GET /items host=unknown", "deny 404")]
    [InlineData("http-rules", "client/curl 10.0.1.1:80 GET /items", "deny")] // straight to the pod: the outbound proxy knows no such port
    [InlineData("http-rules", "192.0.2.7 10.0.1.1:80 GET /items", "deny")] // without a certificate of the mesh
    [InlineData("demo", "bookbuyer/bookbuyer bookstore.bookstore:14001 GET /books-bought user-agent=go-http-client/1.1 client-app=bookbuyer",
        "allow 200 bookstore/bookstore-v1=1")]
    [InlineData("demo", "bookbuyer/bookbuyer bookstore.bookstore:14001 GET /books-bought", "deny 403")]
    [InlineData("demo", "bookbuyer/bookbuyer bookstore-v2.bookstore:14001 GET /buy-a-book/new", "allow 200 bookstore/bookstore-v2=1")]
    [InlineData("demo", "bookthief/bookthief bookstore.bookstore:14001 GET /books-bought user-agent=go-http-client/1.1 client-app=bookbuyer", "deny")]
    [InlineData("demo", "bookwarehouse/bookwarehouse bookstorage.bookwarehouse:3306 TCP", "allow bookwarehouse/bookstorage=1")]
    [InlineData("demo", "bookbuyer/bookbuyer bookstorage.bookwarehouse:3306 TCP", "deny")]
    public void Requests_are_decided(string mesh, string request, string expected) => Assert.Equal(expected, Say(Decide(Load(mesh), request)));

    [Fact]
    public void Shares_follow_the_split()
    {
        var snapshot = Load("demo");
        var split = snapshot.All<TrafficSplit>().Single();
        var half = ResourceSnapshot.Of(snapshot.AllObjects().Select(found => ReferenceEquals(found, split)
            ? split with { Backends = [new("bookstore-v1", 1), new("bookstore-v2", 3)] } : found));
        Assert.Equal("allow 200 bookstore/bookstore-v1=0.25 bookstore/bookstore-v2=0.75", Say(Decide(half,
            "bookbuyer/bookbuyer bookstore.bookstore:14001 GET /a-book/new")));
    }

    [Fact]
    public void Where_one_backend_refuses_the_request_is_denied_and_the_share_is_said()
    {
        var snapshot = Load("demo");
        var changed = ResourceSnapshot.Of(snapshot.AllObjects()
            .Select(found => found is TrafficSplit split ? split with { Backends = [new("bookstore-v1", 1), new("bookstore-v2", 1)] } : found)
            .Select(found => found is TrafficTarget { Metadata.Name: "bookbuyer-access-bookstore-v2" } target ? target with { Rules = [] } : found));
        var decision = Decide(changed, "bookbuyer/bookbuyer bookstore.bookstore:14001 GET /a-book/new");
        Assert.Equal(Verdict.Deny, decision.Verdict);
        Assert.Contains("50%", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bookthief/bookthief bookstore.bookstore:14001 GET /books-bought",
        "add ServiceAccount bookthief/bookthief to the sources of TrafficTarget bookstore/bookbuyer-access-bookstore-v")]
    [InlineData("bookbuyer/bookbuyer bookstore.bookstore:14001 GET /other",
        "add a route that matches to HTTPRouteGroup bookstore/bookstore-service-routes")]
    [InlineData("bookbuyer/bookbuyer bookstore.bookstore:14001 GET /a-book/new",
        "TrafficTarget bookstore/bookbuyer-access-bookstore-v1 (policy/bookstore.yaml:")]
    public void Why_names_the_object_and_what_would_reverse_it(string request, string expected)
    {
        var snapshot = Load("demo");
        var mesh = CompiledMesh.Of(snapshot, new());
        var text = Parse(request);
        Assert.Contains(expected, Explanation.Of(text.Decide(mesh, out _)!, snapshot, new(mesh, text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, Verdict.Allow)]
    [InlineData("cluster.local", Verdict.Allow)]
    [InlineData("corp.example", Verdict.Allow)]
    [InlineData("other.example", Verdict.Deny)]
    public void While_the_trust_domain_changes_certificates_of_both_open_the_same_doors(string? trustDomain, Verdict expected)
    {
        var mesh = CompiledMesh.Of(Load("two-trust-domains"), new(), trustDomain: trustDomain);
        string[] allowed = ["client/curl store.shop:8080 GET /items/1", "client/batch store.shop:8080 GET /items/1", "client/batch store.shop:3306 TCP"];
        string[] denied = ["client/curl store.shop:8080 GET /other", "client/curl store.shop:3306 TCP"];

        Assert.All(allowed, request => Assert.Equal(expected, Parse(request).Decide(mesh, out _)!.Verdict));
        Assert.All(denied, request => Assert.Equal(Verdict.Deny, Parse(request).Decide(mesh, out _)!.Verdict));
    }

    [Fact]
    public void Nothing_that_any_case_compiles_to_is_unknown_to_the_simulator()
    {
        foreach (var name in Directory.EnumerateDirectories(Path.Combine(Repository,
            "core/test/OsmExt.Compiler.Tests/cases")).Select(folder => Path.GetFileName(folder)))
        {
            var mesh = CompiledMesh.Of(Load(name), new());
            foreach (var pod in mesh.Pods)
            {
                foreach (var service in mesh.Services)
                {
                    foreach (var port in service.Ports)
                    {
                        foreach (var protocol in Enum.GetValues<SimulatedProtocol>())
                        {
                            var decision = new RequestText(pod.ToString(), $"{service.Name}.{service.Namespace}",
                                port.Port) { Protocol = protocol }.Decide(mesh, out _)!;
                            Assert.False(decision.Verdict == Verdict.Undecided, $"{name}: {pod} to {service}:{port.Port}: {decision.Reason}");
                        }
                    }
                }
            }
        }
    }

    private static string Say(Decision decision)
        => string.Join(' ', new[] { DecisionDocument.Word(decision.Verdict),
            decision.Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) }
            .Concat(decision.Verdict == Verdict.Allow ? decision.Backends.Select(backend => FormattableString.Invariant($"{DecisionDocument.NameOf(backend.Name)}={backend.Share}")) : [])
            .Where(word => word is not null));

    private static Decision Decide(ResourceSnapshot snapshot, string request)
        => Parse(request).Decide(CompiledMesh.Of(snapshot, new()), out var problem) ?? throw new InvalidOperationException(problem);

    private static RequestText Parse(string request)
    {
        var words = request.Split(' ');
        var colon = words[1].LastIndexOf(':');
        var text = new RequestText(words[0], words[1][..colon], int.Parse(words[1][(colon + 1)..],
            System.Globalization.CultureInfo.InvariantCulture));
        return words[2] == "TCP" ? text with { Protocol = SimulatedProtocol.Tcp } : text with
        {
            Method = words[2],
            Path = words[3],
            Headers = [.. words[4..].Select(header => (header.Split('=')[0], header.Split('=')[1]))],
        };
    }

    private static ResourceSnapshot Load(string mesh)
        => Manifests.Load([Path.Combine(Repository, mesh == "demo" ? "e2e/demo/mesh" : $"core/test/OsmExt.Compiler.Tests/cases/{mesh}/in.yaml")]);

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../../.."));
}
