using Grpc.Core;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>What a proxy can find out about others by asking: nothing, whether they are there or not.</summary>
public sealed class LeakTests : IAsyncLifetime, IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private RunningControlPlane _plane = null!;

    public async Task InitializeAsync() => _plane = await RunningControlPlane.StartAsync(_mesh);

    public async Task DisposeAsync() => await _plane.DisposeAsync();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData("secret", "service-cert:shop/store", "service-cert:shop/stork")]
    [InlineData("cluster", "shop/store|8080|local", "shop/stork|8080|local")]
    [InlineData("endpoint", "shop/till|9000", "shop/tilt|9000")]
    [InlineData("route", "rds-inbound.8080", "rds-inbound.8088")]
    [InlineData("virtual host", "rds-inbound.8080/store", "rds-inbound.8080/stork")]
    public async Task What_is_anothers_is_answered_as_what_is_nobodys(string type, string others, string nobodys)
    {
        // The other one has it now, so that it is there to be found.
        await using var store = await _plane.ConnectAsync(Shop.Store1, "delta");
        var url = type switch { "secret" => TypeUrls.Secret, "cluster" => TypeUrls.Cluster, "endpoint" => TypeUrls.Endpoint, "route" => TypeUrls.Route, _ => TypeUrls.VirtualHost };
        var (one, other) = (await AskAsync(url, others), await AskAsync(url, nobodys));
        Assert.Equal(one.Replace(others, "NAME", StringComparison.Ordinal), other.Replace(nobodys, "NAME", StringComparison.Ordinal));
        Assert.Contains(nobodys, other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_do_not_tell_who_is_there()
    {
        var thief = _plane.IdentityOf(Shop.Thief);
        var strangers = new ProxyIdentity(new Guid("00000000-0000-4000-8000-000000000001"), thief.Workload with { ServiceAccount = "nobody" });
        var refusals = new List<(string Who, Status Status)>
        {
            // With a certificate of its own it claims to be one that is there, and one that is not.
            ("another's node", await RefusedAsync(thief, _plane.IdentityOf(Shop.Store1).NodeId)),
            ("nobody's node", await RefusedAsync(thief, strangers.NodeId)),
            ("no node", await RefusedAsync(thief, "x")),
            // A certificate of the mesh, of which no pod is there any more.
            ("gone", await RefusedAsync(strangers, strangers.NodeId)),
        };
        Assert.Single(refusals.Take(3).Select(refusal => (refusal.Status.StatusCode, refusal.Status.Detail)).Distinct());
        foreach (var (who, status) in refusals)
        {
            Assert.Equal(StatusCode.PermissionDenied, status.StatusCode);
            foreach (var secret in new[] { "shop", "store", "thief", "10.", _mesh.State, "Exception", "spiffe://" })
            {
                Assert.False(status.Detail.Contains(secret, StringComparison.Ordinal), $"{who}: {status.Detail}");
            }
        }

        // People find it in the log.
        Assert.Contains("claims to be node", _plane.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_name_a_client_bears_is_decided_before_anybody_looks_at_the_mesh()
    {
        var thief = _plane.IdentityOf(Shop.Thief);
        using var held = new ManualResetEventSlim();
        _plane.Pipeline.Post(_ => held.Wait(2 * Wait.Bound));
        try
        {
            // Nothing that depends on who is there can be answered now, and these are.
            var status = await RefusedAsync(thief, _plane.IdentityOf(Shop.Store1).NodeId);
            Assert.Equal(status, await RefusedAsync(thief, "nobody"));
            Assert.Equal(StatusCode.PermissionDenied, status.StatusCode);
        }
        finally
        {
            held.Set();
        }
    }

    private async Task<Status> RefusedAsync(ProxyIdentity certificate, string node)
    {
        await using var client = _plane.Client(_plane.CertificateOf(certificate), node);
        await using var stream = client.OpenDelta();
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");
        return await stream.Ended.WaitAsync(Wait.Bound, TimeProvider.System);
    }

    private async Task<string> AskAsync(string type, string name)
    {
        var thief = _plane.IdentityOf(Shop.Thief);
        await using var client = _plane.Client(_plane.CertificateOf(thief), thief.NodeId);
        await using var stream = client.OpenDelta();
        await stream.SubscribeAsync(type, name);
        var answer = await stream.NextAsync(type);
        Assert.Empty(answer.Resources);
        answer.Nonce = "";
        return answer.ToString();
    }
}
