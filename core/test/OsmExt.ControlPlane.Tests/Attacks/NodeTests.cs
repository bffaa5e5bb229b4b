using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Attacks;

/// <summary>What a client says of itself, with a certificate that says otherwise. Random, from words that would mean something to other control planes.</summary>
public sealed class NodeTests : IAsyncLifetime, IDisposable
{
    private const int Nodes = 60;

    private static readonly string[] Keys = ["NAMESPACE", "POD_NAME", "NAME", "SERVICE_ACCOUNT", "WORKLOAD_NAME", "ISTIO_VERSION", "proxy", "id", "role", "x-forwarded-client-cert"];
    private static readonly string[] Values = ["shop", "store", "store-1", "buyer", "osm-system", "system:masters", "spiffe://cluster.local/store/shop", "shop/store-1", "", "*", "../shop", "true"];

    private readonly MeshDirectory _mesh = new();
    private RunningControlPlane _plane = null!;

    public async Task InitializeAsync() => _plane = await RunningControlPlane.StartAsync(_mesh);

    public Task DisposeAsync() => _plane.DisposeAsync().AsTask();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Whatever_it_says_it_is_what_its_certificate_says_or_nobody()
    {
        var identity = _plane.IdentityOf(Shop.Thief);
        var certificate = _plane.CertificateOf(identity);
        var (honest, _) = await ConfigurationAsync(certificate, new Node { Id = identity.NodeId });
        Assert.Contains("service-cert:shop/thief", honest!);

        // The trust domain that it ends with may be another, as it was when the proxy was started; it means nothing.
        var elsewhere = $"{identity.NodeId}.{_plane.IdentityOf(Shop.Store1).NodeId}";
        string[] ids = [identity.NodeId, _plane.IdentityOf(Shop.Store1).NodeId, _plane.IdentityOf(Shop.Buyer).NodeId, "", "shop/store-1", elsewhere, "x", identity.NodeId + "\n"];
        var (served, refused) = (0, 0);
        foreach (var node in RandomNodes(ids).Array[Nodes].Single())
        {
            var (given, status) = await ConfigurationAsync(certificate, node);
            if (given is null)
            {
                Assert.Equal(StatusCode.PermissionDenied, status.StatusCode);
                Assert.NotEqual(identity.NodeId, node.Id);
                refused++;
                continue;
            }

            Assert.True(node.Id == identity.NodeId || node.Id == elsewhere, node.Id);
            Assert.Equal(honest, given);
            served++;
        }

        Assert.True(served > 0 && refused > 0, $"{served} served, {refused} refused");
        Assert.All((await _plane.DebugAsync("/debug/proxies")).AsArray(), stream => Assert.Equal(Shop.Thief, $"{stream!["proxy"]}"));
    }

    /// <summary>Names of all it is sent, by type; or why it is not.</summary>
    private async Task<(string[]? Names, Status Status)> ConfigurationAsync(X509Certificate2 certificate, Node node)
    {
        await using var client = _plane.Client(certificate, node.Id, node);
        await using var stream = client.OpenDelta();
        try
        {
            await stream.SubscribeAsync(TypeUrls.Secret, "*");
            var names = new List<string>((await stream.NextAsync(TypeUrls.Secret)).Resources.Select(r => r.Name));
            foreach (var type in new[] { TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route })
            {
                await stream.SubscribeAsync(type, "*");
                names.AddRange((await stream.NextAsync(type)).Resources.Select(r => r.Name));
            }

            await stream.CompleteAsync();
            await stream.Ended.WaitAsync(Wait.Bound);
            return ([.. names], Status.DefaultSuccess);
        }
        catch (RpcException ended)
        {
            // Not even the first thing it asked for.
            Assert.Empty(stream.Received);
            return (null, ended.Status);
        }
    }

    private static Gen<Node> RandomNodes(string[] ids)
    {
        var value = Gen.OneOf(
            Pick(Values).Select(Value.ForString),
            Gen.Double.Select(number => Value.ForNumber(number)),
            Gen.String[0, 20].Select(Value.ForString),
            Pick(Values).Array[0, 3].Select(values => Value.ForList([.. values.Select(Value.ForString)])));
        var metadata = Gen.Select(Pick(Keys), value).Array[0, 6];
        return Gen.Select(Pick(ids), Pick(Values), metadata, Pick(Values), Gen.Bool, (id, cluster, fields, zone, builds) =>
        {
            var node = new Node { Id = id, Cluster = cluster, Metadata = new(), Locality = new() { Region = zone, Zone = zone }, UserAgentName = "envoy" };
            foreach (var (key, said) in fields)
            {
                node.Metadata.Fields[key] = said;
            }

            if (builds)
            {
                node.UserAgentVersion = zone;
                node.ClientFeatures.Add(cluster);
                node.Extensions.Add(new Extension { Name = zone, Category = cluster });
            }

            return node;
        });
    }

    private static Gen<string> Pick(string[] from) => Gen.Int[0, from.Length - 1].Select(index => from[index]);
}
