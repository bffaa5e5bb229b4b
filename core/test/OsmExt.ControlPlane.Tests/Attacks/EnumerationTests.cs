using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Tests.Attacks;

/// <summary>
/// A tenant that knows the name of every resource in the mesh and asks for each. It is told of its own scope's resources; of others'
/// names it is told what it is told of names that nobody has.
/// </summary>
public sealed class EnumerationTests : IAsyncLifetime, IDisposable
{
    private static readonly string[] Patterns = ["*/*", "service-cert:shop/*", "xdstp://cluster.local/envoy.config.cluster.v3.Cluster/*", "xdstp:///%2a", "shop/*", "**", "service-cert:*"];

    private readonly MeshDirectory _mesh = new();
    private RunningControlPlane _plane = null!;
    private TestProxy[] _others = [];

    public static TheoryData<string, bool> Ways => new() { { "delta", false }, { "delta", true }, { "sotw", false }, { "sotw", true } };

    public async Task InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(_mesh);
        _others = [await _plane.ConnectAsync(Shop.Store1, "delta"), await _plane.ConnectAsync(Shop.Store2, "sotw"), await _plane.ConnectAsync(Shop.Buyer, "delta")];
    }

    public async Task DisposeAsync()
    {
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        await _plane.DisposeAsync();
    }

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Names_of_others_are_names_of_nothing(string variant, bool separate)
    {
        await using var honest = await _plane.ConnectAsync(Shop.Thief, "delta");
        var cache = _plane.Get<SnapshotCache>();
        var everything = cache.Scopes.SelectMany(scope => cache.Get(scope)!.TypeUrls.SelectMany(type => cache.Get(scope)!.InOrder(type))).ToList();
        Assert.Contains(everything, resource => resource.Name == "service-cert:shop/store");
        var thief = _plane.IdentityOf(Shop.Thief);
        foreach (var type in new[] { TypeUrls.Secret, TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route })
        {
            string[] names = [.. everything.Where(resource => resource.TypeUrl == type).Select(resource => resource.Name).Distinct().Order(StringComparer.Ordinal), .. Patterns, "nobody-has-this"];
            await using var client = _plane.Client(_plane.CertificateOf(thief), thief.NodeId);
            var (got, gone) = variant == "delta" ? await AskDeltaAsync(client, separate, type, names) : (await AskAsync(client, separate, type, names), null);

            // Its own scope is all it may have, and what it gets of it is what an honest client gets.
            var mine = OwnOf(everything, honest, type);
            Assert.Equal(mine.Order(StringComparer.Ordinal), got.Order(StringComparer.Ordinal));
            if (gone is not null)
            {
                Assert.Equal(names.Length, got.Count + gone.Count);
                Assert.Contains("nobody-has-this", gone);
            }
        }
    }

    /// <summary>Resources of the thief's scope: only those that its scope's snapshot holds.</summary>
    private List<string> OwnOf(IEnumerable<XdsResource> everything, TestProxy honest, string type)
    {
        var cache = _plane.Get<SnapshotCache>();
        var scope = _plane.Get<ConnectedProxies>().ScopeOf(Shop.Thief)!;
        Assert.Equal("spiffe://cluster.local/thief/shop", scope.Identity.SpiffeId);
        var own = cache.Get(scope)!.InOrder(type).Select(resource => resource.Name).ToList();
        Assert.DoesNotContain("service-cert:shop/store", own);
        Assert.All(honest.All(type).Keys, name => Assert.Contains(name, own));
        Assert.True(type != TypeUrls.Secret || everything.Count(resource => resource.TypeUrl == type) > own.Count);
        return own;
    }

    private static async Task<(List<string> Got, List<string> Gone)> AskDeltaAsync(AdsTestClient client, bool separate, string type, string[] names)
    {
        await using var stream = separate ? client.OpenSeparateDelta(type) : client.OpenDelta();
        await stream.SubscribeAsync(type, names);
        var response = await stream.NextAsync(type);
        return ([.. response.Resources.Select(resource => resource.Name)], [.. response.RemovedResources]);
    }

    private static async Task<List<string>> AskAsync(AdsTestClient client, bool separate, string type, string[] names)
    {
        await using var stream = separate ? client.OpenSeparateStateOfTheWorld(type) : client.OpenStateOfTheWorld();
        await stream.RequestAsync(type, names);
        var message = (await stream.NextAsync(type)).Resources;
        return [.. message.Select(resource => NameOf(type, resource))];
    }

    private static string NameOf(string type, Google.Protobuf.WellKnownTypes.Any resource) => EnvoyTypes.Unpack(resource) switch
    {
        global::Envoy.Extensions.TransportSockets.Tls.V3.Secret secret => secret.Name,
        global::Envoy.Config.Cluster.V3.Cluster cluster => cluster.Name,
        global::Envoy.Config.Endpoint.V3.ClusterLoadAssignment endpoints => endpoints.ClusterName,
        global::Envoy.Config.Listener.V3.Listener listener => listener.Name,
        global::Envoy.Config.Route.V3.RouteConfiguration routes => routes.Name,
        _ => throw new InvalidOperationException(type),
    };
}
